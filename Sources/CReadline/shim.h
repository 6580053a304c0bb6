// GNU Readline, and functions for its variables, which Swift cannot reach safely.
#ifndef CREADLINE_SHIM_H
#define CREADLINE_SHIM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <readline/history.h>
#include <readline/readline.h>

// Before the first line. Signals stay with the program; the environment stays as it is.
// `.`, `/`, `-` and `:` end no word for completion: file names and addresses are one.
static inline void creadline_configure(void) {
  rl_readline_name = "sock";
  rl_catch_signals = 0;
  rl_catch_sigwinch = 0;
  rl_change_environment = 0;
  rl_completer_word_break_characters = " \t\n\"'`()[]{},;=+*<>|&^!";
  rl_completer_quote_characters = "";
}

static inline const char *creadline_version(void) { return rl_library_version; }

// Entries of several lines are kept together by the time that stands before each in the history file.
static inline void creadline_use_timestamps(void) {
  history_comment_char = '#';
  history_write_timestamps = 1;
}

static inline int creadline_history_length(void) { return history_length; }

static inline void creadline_complete_with(rl_completion_func_t *function) {
  rl_attempted_completion_function = function;
}

// How readline reads a byte of the keyboard: -1 for none.
static inline void creadline_read_with(int (*function)(FILE *)) { rl_getc_function = function; }

static inline const char *creadline_line(void) { return rl_line_buffer; }
static inline int creadline_point(void) { return rl_point; }

// What the completion function has found is all there is: no file names instead.
static inline void creadline_completion_is_final(void) { rl_attempted_completion_over = 1; }
static inline void creadline_append_after_completion(int character) { rl_completion_append_character = character; }

// To the end of the line that is being edited, so that what is written next stands behind it. A search or an argument
// that is being entered is given up.
static inline void creadline_move_to_end(void) {
  rl_free_line_state();
  rl_callback_sigcleanup();
  rl_point = rl_end;
  rl_redisplay();
  fflush(rl_outstream);
}

// Begins an empty line where the cursor is.
static inline void creadline_new_line(const char *prompt) {
  using_history();
  rl_replace_line("", 1);
  rl_set_prompt(prompt);
  if (rl_editing_mode == 0) rl_vi_insertion_mode(1, 'i');
  rl_forced_update_display();
}

static inline void creadline_clear_line(void) {
  rl_clear_visible_line();
  fflush(rl_outstream);
}

#endif
