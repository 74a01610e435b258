// Package inert makes foreign text safe to print. What servers, files, events
// and variables say is hostile until it has passed through here: it must not
// become a workflow command, a terminal escape, a second line, live Markdown
// or HTML.
package inert

import (
	"strings"
	"unicode"
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
	for i, r := range Line(s) {
		switch r {
		case '-', '+', '=':
			if i == 0 { // a list, a rule, a heading's underline
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
	// A bare address is a link without any mark-up around it.
	return autolinks.Replace(b.String())
}

var autolinks = strings.NewReplacer(
	"://", ":"+zeroWidth+"//",
	"www.", "www"+zeroWidth+".",
)

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

// hidden reports characters that change how their neighbours are shown.
func hidden(r rune) bool {
	switch {
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069': // bidirectional overrides
		return true
	case r >= '\u200b' && r <= '\u200f', r == '\u2060', r == '\ufeff', r == '\u00ad':
		return true
	case r >= '\U000e0000' && r <= '\U000e007f': // tags
		return true
	}
	return false
}

// defuse breaks what the runner would take for a command.
func defuse(s string) string {
	s = strings.ReplaceAll(s, "##[", "##"+zeroWidth+"[")
	if strings.HasPrefix(s, "::") {
		s = zeroWidth + s
	}
	return s
}
