// Package inert makes foreign text safe to print. What servers, files, events
// and variables say is hostile until it has passed through here: it must not
// become a workflow command, a terminal escape, a second line, live Markdown
// or HTML.
package inert

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// zeroWidth breaks a token apart without changing what a reader sees.
const zeroWidth = "\u200b"

// Line makes s one line of plain text for a log, an annotation or a field of
// the report. Control characters, line and paragraph separators, bidirectional
// overrides and invalid UTF-8 are gone, runs of space are one space, and
// neither form of a workflow command survives: the runner looks for "##["
// anywhere in a line and for "::" after leading blanks.
func Line(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case r == utf8.RuneError, hidden(r):
			continue
		case unicode.IsSpace(r), unicode.IsControl(r):
			space = true
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return defuse(b.String())
}

// Lines is [Line] for each line of a text whose line breaks are ours to keep.
func Lines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		indent := l[:len(l)-len(strings.TrimLeft(l, " "))]
		lines[i] = indent + Line(l)
	}
	return strings.Join(lines, "\n")
}

// Clip is s when it has at most n bytes, else its beginning and an ellipsis.
// It never cuts a character in two.
func Clip(s string, n int) string {
	const ellipsis = "…"
	if len(s) <= n {
		return s
	}
	if n <= len(ellipsis) {
		return ""
	}
	n -= len(ellipsis)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + ellipsis
}

// Markdown makes s text that GitHub shows as it is: no link, image, mention,
// reference, emphasis, HTML or table cell comes alive.
func Markdown(s string) string {
	var b strings.Builder
	s = Line(s)
	number := len(s) - len(strings.TrimLeft(s, "0123456789"))
	for i, r := range s {
		switch r {
		case '-', '+', '=':
			if i == 0 { // a list, a rule, a heading's underline
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		case '.', ')':
			if i == number && i > 0 { // a numbered list
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '@', '#':
			// Not even an entity stops a mention or a reference, since they are
			// found after entities were resolved.
			b.WriteRune(r)
			b.WriteString(zeroWidth)
		case '\\', '`', '*', '_', '[', ']', '|', '~', '$':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return unlinked(b.String())
}

// unlinked breaks what is a link without any mark-up around it: an address, and
// the reference GH-1.
func unlinked(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch rest := s[i:]; {
		case strings.HasPrefix(rest, "//") && i > 0 && s[i-1] == ':', // https://
			rest[0] == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www"),
			rest[0] == '-' && i >= 2 && strings.EqualFold(s[i-2:i], "gh"):
			b.WriteString(zeroWidth)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Code is s as a code span that can stand in a table cell.
func Code(s string) string {
	s = strings.ReplaceAll(Line(s), "|", "¦")
	if s == "" {
		return ""
	}
	run, longest := 0, 0
	for _, r := range s {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// Block is a fenced code block of lines that are ours, holding values that may
// not be.
func Block(language, s string) string {
	s = Lines(s)
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + language + "\n" + s + "\n" + fence + "\n"
}

// JSON makes an encoded text of JSON one that can be printed in a job and on a
// terminal. What they would act on can stand in its strings alone, and is
// escaped there: the values stay the same.
func JSON(data []byte) []byte {
	text := strings.ReplaceAll(string(data), "##[", `##\u005b`)
	var b bytes.Buffer
	b.Grow(len(text))
	for _, r := range text {
		if r != '\n' && unicode.IsControl(r) || hidden(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.Bytes()
}

// hidden reports characters that show nothing, or change how their neighbours
// are shown: marks and overrides of direction, joiners, fillers, tags,
// selectors of a form. The runner leaves them out when it looks for a command.
func hidden(r rune) bool {
	return r >= 0xad && unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// defuse breaks what the runner would take for a command.
func defuse(s string) string {
	s = strings.ReplaceAll(s, "##[", "##"+zeroWidth+"[")
	if strings.HasPrefix(s, "::") {
		s = zeroWidth + s
	}
	return s
}
