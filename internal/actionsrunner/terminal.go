package actionsrunner

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Unprintable is the first thing in a text that a terminal would act on or that
// is no text, "" when there is none: control characters but the newline,
// separators of lines, marks and overrides of direction, invalid UTF-8.
func Unprintable(s string) string {
	if !utf8.ValidString(s) {
		return "invalid UTF-8"
	}
	i := strings.IndexFunc(s, func(r rune) bool {
		return r != '\n' && unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
	})
	if i < 0 {
		return ""
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return fmt.Sprintf("%U", r)
}
