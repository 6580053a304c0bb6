;;; sock-mode.el --- Scripts of sock, a language for sockets  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:

;; A mode for *.sock files: comments, blocks, and what `sock lsp' answers where eglot is (Emacs 29, or from ELPA before).
;; `sock' has to be in PATH, or `sock-program' says where it is.

;;; Code:

(defgroup sock nil
  "Scripts of sock, a language for sockets."
  :group 'languages)

(defcustom sock-program "sock"
  "The program, which is started as `sock lsp'."
  :type 'string)

(defvar eglot-server-programs)
(declare-function eglot-ensure "eglot")

(defvar sock-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?_ "_" table)
    table)
  "Comments begin with # and end with their line.")

;;;###autoload
(define-derived-mode sock-mode prog-mode "Sock"
  "Scripts of sock, a language for sockets."
  (setq-local comment-start "# ")
  (setq-local comment-start-skip "#+ *")
  (setq-local indent-tabs-mode nil)
  (setq-local tab-width 2)
  (when (require 'eglot nil 'noerror)
    (eglot-ensure)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.sock\\'" . sock-mode))
;;;###autoload
(add-to-list 'interpreter-mode-alist '("sock" . sock-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs (cons 'sock-mode (lambda (&rest _) (list sock-program "lsp")))))

(provide 'sock-mode)

;;; sock-mode.el ends here
