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
static inline int creadline_length(void) { return rl_end; }
static inline int creadline_point(void) { return rl_point; }
static inline void creadline_set_point(int point) {
  rl_point = point < 0 ? 0 : point > rl_end ? rl_end : point;
}

// Puts this text in the place of those bytes, the cursor behind it; one undo takes it all back.
static inline void creadline_replace(int start, int end, const char *text) {
  rl_begin_undo_group();
  rl_delete_text(start, end);
  rl_point = start;
  rl_insert_text(text);
  rl_end_undo_group();
}

// What readline shows in the place of the prompt: a search, a count that is being entered. NULL: nothing.
static inline const char *creadline_message(void) {
  return rl_display_prompt != rl_prompt ? rl_display_prompt : NULL;
}

// From now on this function is called when something has changed, and readline itself writes nothing to the
// terminal. 0: that cannot be.
static inline int creadline_display_with(rl_voidfunc_t *function) {
  FILE *nowhere = fopen("/dev/null", "we");
  if (!nowhere) return 0;
  rl_outstream = nowhere;
  rl_redisplay_function = function;
  return 1;
}

static inline void creadline_show_matches_with(rl_compdisp_func_t *function) {
  rl_completion_display_matches_hook = function;
}

// Whatever keys call `from` call `to` instead, in this keymap and those behind its prefixes. `behind_prefix`: only in
// those, as arrow keys are.
static inline void creadline_exchange(Keymap map, rl_command_func_t *from, rl_command_func_t *to, int behind_prefix) {
  for (int key = 0; key < KEYMAP_SIZE; key++) {
    if (map[key].type == ISKMAP && map[key].function) {
      creadline_exchange((Keymap)map[key].function, from, to, 0);
    } else if (!behind_prefix && map[key].type == ISFUNC && map[key].function == from) {
      map[key].function = to;
    }
  }
}

static inline int creadline_is_searching(void) { return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH) != 0; }


// What the completion function has found is all there is: no file names instead.
static inline void creadline_completion_is_final(void) { rl_attempted_completion_over = 1; }
static inline void creadline_append_after_completion(int character) { rl_completion_append_character = character; }

// To the end of the line that is being edited, so that what is written next stands behind it. A search or an argument
// that is being entered is given up.
static inline void creadline_move_to_end(void) {
  rl_free_line_state();
  rl_callback_sigcleanup();
  rl_point = rl_end;
  (*rl_redisplay_function)();
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

// Ctrl-D has not ended anything: else a line end would follow each line from now on.
static inline void creadline_forget_end(void) { rl_eof_found = 0; }

static inline void creadline_clear_line(void) {
  rl_clear_visible_line();
  fflush(rl_outstream);
}

#endif
