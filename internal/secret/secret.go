// Package secret holds the type of every credential's value: it can be sent,
// and in no other way be seen.
package secret

import (
	"fmt"
	"io"
)

// Redacted is what every printed form of a secret is.
const Redacted = "***"

// A Text is a credential's value, or a text that may be one. It prints, formats
// and marshals as "***". The value sits behind a pointer, so that even fmt's
// look into the unexported fields of a struct that holds a Text finds an
// address.
type Text struct{ value *string }

// New is a secret with a value.
func New(s string) Text { return Text{&s} }

// Reveal is the value, "" for the zero Text. Only code that puts it on the
// wire, or decides by its form, calls this.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// IsZero reports whether there is no value, or an empty one.
func (t Text) IsZero() bool { return t.value == nil || *t.value == "" }

// Format implements [fmt.Formatter] for every verb.
func (t Text) Format(f fmt.State, _ rune) { io.WriteString(f, Redacted) }

// MarshalText implements [encoding.TextMarshaler], and so covers JSON.
func (t Text) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
