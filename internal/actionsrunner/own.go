package actionsrunner

import (
	"regexp"
	"strings"
)

// own is what this program puts into its summary on purpose. None of it can be
// made of foreign text, in which every bracket, star and "<" is escaped.
var own = regexp.MustCompile(strings.Join([]string{
	`^#{2,4} `, `^<details><summary>(?:Who was asked for what|Also found: \d+ more|✅ \d+ of \d+ calls went well|\d+ more of \d+ calls that did not go well)</summary>$|^</details>$|^<sub>|<br>Not proved: |</sub>$`,
	`^\*\*Fix:\*\*`, `(?:❌|⏭️|⚠️)[ \x{a0}]\*\*[A-Za-z' \x{a0}]+\*\*`,
	`\[About this diagnosis\]\(https://github\.com/aoai-preflight/aoai-preflight/blob/[a-z0-9.]+/docs/diagnoses/[a-z0-9-]+\.md\)`,
	`\[Documentation\]\(https://(?:learn\.microsoft\.com|aka\.ms|go\.microsoft\.com|docs\.github\.com|docs\.litellm\.ai|osv\.dev|github\.com|learn\.example)/[A-Za-z0-9/._#?=&-]*\)`,
}, "|"))

// WithoutOwn takes away what this program puts into its summary on purpose.
func WithoutOwn(s string) string { return own.ReplaceAllString(s, "") }
