package preflight

import (
	"fmt"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// How foreign values get into our sentences and commands.

// quoted is a foreign value inside a sentence.
func quoted(s string) string {
	s = inert.Clip(inert.Line(s), 300)
	if strings.Contains(s, `"`) {
		return "'" + s + "'"
	}
	return `"` + s + `"`
}

// orElse is s, or what stands for it when nobody can know it.
func orElse(s, placeholder string) string {
	if s == "" {
		return placeholder
	}
	return s
}

// arg is a value as an argument of a command: the value when it can be pasted
// into a shell and read by az as what it is, else the placeholder. az reads a
// value that begins with "@" from a file, and takes one that begins with "-"
// for an option.
func arg(value, placeholder string) string {
	if line := inert.Line(value); line == "" || line != value || len(value) > 1024 || strings.IndexByte("@-", value[0]) >= 0 || strings.Contains(value, redacted) {
		return placeholder
	}
	return value
}

// command joins words to a line for a POSIX shell.
func command(words ...string) string {
	quotedWords := make([]string, len(words))
	for i, w := range words {
		quotedWords[i] = shellQuote(w)
	}
	return strings.Join(quotedWords, " ")
}

// shellQuote is s as one word of a POSIX shell. Nothing inside single quotes
// is special to it but the quote itself.
func shellQuote(s string) string {
	if s != "" && only(s, uppercase+lowercase+digits+"%+,-./:=_") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// span is a duration as people say it.
func span(d time.Duration) string {
	switch d = d.Round(time.Second); {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours())/24)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d == time.Second:
		return "1 second"
	}
	return fmt.Sprintf("%d seconds", int(d.Seconds()))
}

// colon is a message behind a colon, nothing when there is none.
func colon(message string) string {
	if message == "" {
		return ""
	}
	return ": " + strings.TrimRight(inert.Clip(inert.Line(message), 300), ".! ")
}

func quotedOr(s string) string {
	if s == "" {
		return ""
	}
	return quoted(s)
}

func quotedAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = quoted(t)
	}
	return out
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// params are a remedy's parameters, those without a value left out.
func params(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			m[pairs[i]] = pairs[i+1]
		}
	}
	return m
}

// prefixed is s behind a word, nothing when s is.
func prefixed(word, s string) string {
	if s == "" {
		return ""
	}
	return word + s
}
