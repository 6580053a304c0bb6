;;; lsp.el --- Emacs's client with `sock lsp'  -*- lexical-binding: t; -*-

;; emacs --batch -l sock-mode.el -l lsp.el, in a folder with main.sock and lib/smtp.sock.  Ends with an error, and says
;; which, when something is otherwise.

(require 'cl-lib)
(require 'flymake)

(defun lsp-check (condition what)
  "End with an error that tells WHAT, unless CONDITION."
  (unless condition
    (message "%s" what)
    (kill-emacs 1)))

(defun lsp-wait (what condition)
  "Wait until CONDITION, a function, gives something; WHAT is told if it does not."
  (let ((end (+ (float-time) 60)))
    (while (and (not (funcall condition)) (< (float-time) end)) (accept-process-output nil 0.05)))
  (lsp-check (funcall condition) (concat what " did not come")))

(defun lsp-at (words behind)
  "Go to WORDS, so many characters BEHIND their beginning."
  (goto-char (point-min))
  (lsp-check (search-forward words nil t) (concat "no " words))
  (goto-char (+ (match-beginning 0) behind)))

(find-file "main.sock")
(lsp-check (eq major-mode 'sock-mode) "the file's mode")
;; `eglot-ensure' connects behind the command, and there is none in a batch.
(run-hooks 'post-command-hook)
(lsp-wait "the server" (lambda () (eglot-current-server)))

;; Complaints, and their going.
(lsp-wait "a complaint" (lambda () (flymake-start) (flymake-diagnostics)))
(lsp-check (string-match-p "`sned` is no verb" (flymake-diagnostic-text (car (flymake-diagnostics)))) "the complaint")
(lsp-at "sned" 0)
(delete-char 4)
(insert "send")
(eglot--signal-textDocument/didChange)
(lsp-wait "an end of complaints" (lambda () (flymake-start) (null (flymake-diagnostics))))

;; Completion.
(lsp-at "c.recv" 3)
(let ((words (all-completions "r" (nth 2 (eglot-completion-at-point)))))
  (dolist (word '("recv" "relay")) (lsp-check (member word words) (format "%s is offered: %S" word words))))

;; To where a name of the imported file is declared.
(lsp-at "smtp.hello" 6)
(let ((found (xref-backend-definitions 'eglot "LSP identifier at point.")))
  (lsp-check (string-match-p "lib/smtp.sock" (format "%S" found)) (format "the definition: %S" found)))

;; Another name, here and there.
(cl-letf (((symbol-function 'y-or-n-p) (lambda (&rest _) t))) (eglot-rename "helo"))
(lsp-wait "the other name" (lambda () (string-match-p "smtp\\.helo(" (buffer-string))))
(lsp-check (string-match-p "def helo(" (with-current-buffer (find-file-noselect "lib/smtp.sock") (buffer-string)))
           "the other name in the library")

;; The layout, and comments.
(lsp-at "c.recv" 0)
(beginning-of-line)
(insert "      ")
(eglot-format-buffer)
(lsp-check (string-match-p "\n  c\\.recv" (buffer-string)) (concat "the layout: " (buffer-string)))
(lsp-at "c.recv" 0)
(comment-line 1)
(lsp-check (string-match-p "\n *# c\\.recv" (buffer-string)) (concat "a comment: " (buffer-string)))

(eglot-shutdown (eglot-current-server))
(message "served")
(kill-emacs 0)
;;; lsp.el ends here
