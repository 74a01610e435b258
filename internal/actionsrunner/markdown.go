package actionsrunner

import (
	"fmt"
	"regexp"
	"strings"
)

// Live is what GitHub would make active in a job summary: links, images,
// mentions, references, emphasis, formulas, HTML, headings, quotes, further
// table cells. own takes away the Markdown that the author put there on
// purpose; what is left must be text. The rules are CommonMark's and GitHub's on top: code
// first, then escapes, then entities, and at last what is found in the text
// that is shown.
// https://github.github.com/gfm/
func Live(summary string, own func(string) string) []string {
	var found []string
	fence, columns := "", 0
	for n, line := range strings.Split(summary, "\n") {
		report := func(what string) { found = append(found, fmt.Sprintf("line %d: %s in %q", n+1, what, line)) }
		bare := strings.TrimLeft(line, " ")
		if fence != "" {
			if run := leadingRun(bare, fence[0]); len(line)-len(bare) < 4 && run >= len(fence) && strings.TrimSpace(bare[run:]) == "" {
				fence = ""
			}
			continue
		}
		if open := fenceOf(bare); open != "" {
			fence = open
			continue
		}
		cells := []string{line}
		if strings.HasPrefix(line, "|") {
			cells = cellsOf(line)
			if columns == 0 {
				columns = len(cells)
			}
			if len(cells) != columns {
				report(fmt.Sprintf("%d cells in a row of %d", len(cells), columns))
			}
		} else {
			columns = 0
		}
		if delimiters.MatchString(line) {
			continue
		}
		for _, cell := range cells {
			for _, what := range liveInline(own(cell)) {
				report(what)
			}
		}
	}
	if fence != "" {
		found = append(found, "a code block does not end")
	}
	return found
}

// cellsOf splits a row at every bar that is not escaped, in code as well.
func cellsOf(row string) []string {
	var cells []string
	begin := 0
	for i := 0; i < len(row); i++ {
		switch row[i] {
		case '\\':
			i++
		case '|':
			cells = append(cells, row[begin:i])
			begin = i + 1
		}
	}
	return append(cells, row[begin:])
}

// liveInline is what is active in a line or a cell.
func liveInline(s string) []string {
	s = strings.TrimPrefix(s, "- ") // a list is the author's; what is in it may be no other block
	var found []string
	if m := block.FindString(s); m != "" {
		found = append(found, fmt.Sprintf("a block %q", m))
	}
	shown, live := inline(s)
	found = append(found, live...)
	for what, re := range shownAsLinks {
		if m := re.FindString(shown); m != "" {
			found = append(found, fmt.Sprintf("a %s %q", what, m))
		}
	}
	return found
}

var (
	// delimiters is the row below a table's head.
	delimiters = regexp.MustCompile(`^\|(?:-+\|)+$`)
	// block is what begins a block other than a paragraph.
	block = regexp.MustCompile(`^ {0,3}(?:#{1,6}(?:\s|$)|>|[-+*](?:\s|$)|\d{1,9}[.)](?:\s|$)|=+\s*$|-+\s*$|(?:[-_*]\s*){3,}$|\[\^)`)
	// entity is one of CommonMark's.
	entity = regexp.MustCompile(`^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)

	// shownAsLinks are found in the text after everything else was resolved.
	shownAsLinks = map[string]*regexp.Regexp{
		"link":      regexp.MustCompile(`(?i)(?:[a-z][a-z0-9+.-]*://|(?:^|[^a-z0-9])www\.[a-z0-9]|mailto:|xmpp:)`),
		"mention":   regexp.MustCompile(`(?:^|[^A-Za-z0-9_])@[A-Za-z0-9]`),
		"mail":      regexp.MustCompile(`[A-Za-z0-9._+-]@[A-Za-z0-9]`),
		"reference": regexp.MustCompile(`#[0-9]|(?i:\bgh-[0-9])`),
	}
)

func leadingRun(s string, c byte) int { return len(s) - len(strings.TrimLeft(s, string(rune(c)))) }

func fenceOf(line string) string {
	for _, c := range []byte("`~") {
		run := leadingRun(line, c)
		if run >= 3 && (c == '~' || !strings.Contains(line[run:], "`")) {
			return line[:run]
		}
	}
	return ""
}

// inline is the text that a line shows, with each code span as a space, and
// what in it would be more than text.
func inline(s string) (shown string, found []string) {
	var b strings.Builder
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && isPunct(s[i+1]):
			b.WriteByte(s[i+1])
			i += 2
			continue
		case c == '`':
			run := leadingRun(s[i:], '`')
			end := closing(s[i+run:], run)
			if end < 0 {
				found = append(found, "a backtick without its other")
				i += run
				continue
			}
			b.WriteByte(' ')
			i += run + end + run
			continue
		case c == '&':
			if m := entity.FindString(s[i:]); m != "" {
				b.WriteString(map[string]string{"&amp;": "&", "&lt;": "<", "&gt;": ">"}[m])
				if m != "&amp;" && m != "&lt;" && m != "&gt;" {
					found = append(found, "the entity "+m)
				}
				i += len(m)
				continue
			}
		case strings.IndexByte("<[]*_~$|", c) >= 0:
			found = append(found, fmt.Sprintf("a live %q", c))
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String(), found
}

func isPunct(c byte) bool {
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z')
}

// closing is where a run of exactly n backticks begins, -1 when there is none.
func closing(s string, n int) int {
	for i := 0; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		run := leadingRun(s[i:], '`')
		if run == n {
			return i
		}
		i += run
	}
	return -1
}
