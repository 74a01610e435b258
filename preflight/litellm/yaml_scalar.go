package litellm

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

// A scalar is what PyYAML makes of a scalar node. Its rules are YAML 1.1's:
// yes and on are booleans, 010 is eight, and 1e3 is text. The parser's own tags
// are those of YAML 1.2 in part, and so are not used.
type scalar struct {
	null  bool
	kind  Type
	text  string // as written; "true" or "false" for a boolean
	fault string // why PyYAML does not construct it, "" when it does
}

// The forms of YAML 1.1's numbers and dates.
var (
	yamlInt = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)
	})
	yamlFloat = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
	})
	yamlDate = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$`)
	})
)

// scalarOf reads a scalar node.
func scalarOf(n *yaml.Node) scalar {
	if n.Style&yaml.TaggedStyle != 0 {
		return taggedScalar(n)
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return scalar{text: n.Value}
	}
	switch v := n.Value; v {
	case "", "~", "null", "Null", "NULL":
		return scalar{null: true}
	case "=", "<<":
		return scalar{fault: "a lone = or << , which LiteLLM's YAML reader takes only as a key"}
	default:
		return plainScalar(v)
	}
}

// plainScalar reads a text without quotes or tag that is not null.
func plainScalar(v string) scalar {
	if b, ok := yamlBool(v); ok {
		return scalar{kind: Boolean, text: b}
	}
	if len(v) > 100 || !strings.ContainsRune("+-.0123456789", rune(v[0])) {
		return scalar{text: v}
	}
	if yamlInt().MatchString(v) || yamlFloat().MatchString(v) {
		return scalar{kind: Number, text: v}
	}
	if yamlDate().MatchString(v) {
		date, _, _ := strings.Cut(strings.ReplaceAll(v, "t", "T"), "T")
		date, _, _ = strings.Cut(strings.ReplaceAll(date, "\t", " "), " ")
		if _, err := time.Parse("2006-1-2", date); err != nil {
			return scalar{fault: "a date that the calendar does not have"}
		}
		return scalar{kind: Date, text: v}
	}
	return scalar{text: v}
}

// taggedScalar reads a scalar with a tag of its own.
func taggedScalar(n *yaml.Node) scalar {
	switch n.ShortTag() {
	case "!!str", "!":
		return scalar{text: n.Value}
	case "!!null":
		return scalar{null: true}
	case "!!bool":
		if b, ok := yamlBool(n.Value); ok {
			return scalar{kind: Boolean, text: b}
		}
	case "!!int", "!!float":
		if yamlInt().MatchString(n.Value) || yamlFloat().MatchString(n.Value) {
			return scalar{kind: Number, text: n.Value}
		}
	case "!!timestamp":
		if n.Value != "" && plainScalar(n.Value).kind == Date {
			return scalar{kind: Date, text: n.Value}
		}
	case "!!binary":
		return scalar{kind: Other}
	default:
		return scalar{fault: "a tag that LiteLLM's YAML reader does not know"}
	}
	return scalar{fault: "a value that does not fit its tag"}
}

// yamlBool reads YAML 1.1's booleans.
func yamlBool(v string) (string, bool) {
	switch v {
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return "true", true
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return "false", true
	}
	return "", false
}

// python is what Python's str makes of a scalar that is not null.
func (s scalar) python() string {
	switch s.kind {
	case Boolean:
		return strings.ToUpper(s.text[:1]) + s.text[1:]
	case Number:
		digits := strings.ReplaceAll(s.text, "_", "")
		base := 10
		if trimmed := strings.TrimLeft(digits, "+-"); len(trimmed) > 1 && trimmed[0] == '0' && !strings.Contains(trimmed, ".") {
			base = 0 // 0x, 0b and the octal 0 of YAML 1.1
		}
		if i, err := strconv.ParseInt(digits, base, 64); err == nil {
			return strconv.FormatInt(i, 10)
		}
		if f, err := strconv.ParseFloat(digits, 64); err == nil && strings.Contains(digits, ".") {
			text := strconv.FormatFloat(f, 'f', -1, 64)
			if !strings.Contains(text, ".") {
				text += ".0"
			}
			return text
		}
	}
	return s.text
}
