package preflight

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
)

// DiagnoseInput diagnoses what somebody has pasted or captured: an error, a
// stack trace, a whole job log, or a JSON object with any of http_status,
// headers, body, error_text, endpoint and api_version. The first finding is
// the primary one. There is none when the input shows no failure.
func DiagnoseInput(r io.Reader) ([]Finding, error) {
	const maxCapture = 4 << 20
	in := decoded(bufio.NewReaderSize(r, maxLine))
	start, err := in.Peek(64)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var cut []*Evidence
	if captureStart().Match(start) {
		head, err := io.ReadAll(io.LimitReader(in, maxCapture))
		if err != nil {
			return nil, err
		}
		if e, ok := readCaptures(head); ok {
			return findings(e), nil
		}
		cut = brokenCapture(head)
		in = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(head), in), maxLine)
	}
	evidence, err := ReadText(in)
	if len(evidence) == 0 {
		evidence = cut
	}
	return findings(evidence), err
}

// captureStart matches how an object begins, or a list of objects.
var captureStart = lazy("^(?:\ufeff)?\\s*(?:\\[\\s*)?\\{")

// findings are the diagnoses of several errors of one input, the primary one
// first: errors whose cause is known in the order of the text, then those
// whose is not, then what only hampers or informs.
func findings(evidence []*Evidence) []Finding {
	var out []Finding
	for _, e := range evidence {
		if f, ok := Diagnose(e); ok && !slices.ContainsFunc(out, func(o Finding) bool { return o.ID == f.ID }) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return rank(&a) - rank(&b) })
	if len(out) > 1 {
		// An error that nobody knows is worth a finding only when it is all.
		out = slices.DeleteFunc(out, func(f Finding) bool { return f.ID == idUnknown })
	}
	return out
}

func rank(f *Finding) int {
	switch {
	case f.ID == idUnknown:
		return 4
	case strings.HasSuffix(f.ID, "-unknown"), f.ID == "entra-server-error":
		return 1 // a log that goes on behind Entra's passing fault has got over it
	case f.Severity == SeverityWarning:
		return 2
	case f.Severity == SeverityNotice:
		return 3
	}
	return 0
}

// ReadText finds the errors in a text, a log of any length: evidence of the
// first of each kind, in their order. It reads r as a stream, in memory that
// the number of diagnoses bounds. The evidence of a text that shows an error
// of no known kind is that error's first line.
func ReadText(r io.Reader) ([]*Evidence, error) { return readText(r, false) }

// readText is [ReadText] for a text of which something else may tell already
// that it is about the chain.
func readText(r io.Reader, chain bool) ([]*Evidence, error) {
	s := newTextScan()
	s.chain = chain
	in := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := in.ReadSlice('\n')
		if len(line) > 0 {
			s.line(line)
		}
		switch {
		case err == nil, errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return s.finish(), nil
		default:
			return s.finish(), err
		}
	}
}
