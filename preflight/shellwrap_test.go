package preflight

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arguments are the words that a shell makes of a command line. The programs
// in it print their own words instead of doing anything.
func arguments(t *testing.T, line string) []string {
	t.Helper()
	script := `az() { printf '%s\0' az "$@"; }; gh() { printf '%s\0' gh "$@"; }; tool() { printf '%s\0' tool "$@"; }` + "\n" + line + "\n"
	out, err := exec.Command("sh", "-euc", script).Output()
	if err != nil {
		t.Fatalf("sh: %v\n%s", err, line)
	}
	return strings.Split(string(out), "\x00")
}

// sameWord reports whether two words are equal, as JSON when they are that.
func sameWord(a, b string) bool {
	if a == b {
		return true
	}
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	one, _ := json.Marshal(x)
	two, _ := json.Marshal(y)
	return string(one) == string(two)
}

func TestWrapCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"unset AZURE_API_KEY", "unset AZURE_API_KEY"},
		{"az role assignment create --assignee-object-id 8c1b6c0e-2f1d-4d0a-8a53-5b0f6f8a1e27 --role r",
			"az role assignment create \\\n  --assignee-object-id 8c1b6c0e-2f1d-4d0a-8a53-5b0f6f8a1e27 --role r"},
		{`az role assignment create --scope "$(az cognitiveservices account list --query "[?name=='it is'].id | [0]" -o tsv)" --role reader`,
			"az role assignment create --scope \"$(az cognitiveservices account list \\\n    --query \"[?name=='it is'].id | [0]\" -o tsv)\" --role reader"},
		{`az ad app federated-credential create --id x --parameters '{"name":"github-actions","subject":"a, \",b\",c","audiences":["one","two"]}'`,
			"az ad app federated-credential create --id x \\\n  --parameters '{\"name\":\"github-actions\",\"subject\":\"a, \\\",b\\\",c\",\n    \"audiences\":[\"one\",\"two\"]}'"},
		{`tool 'a blank that is   no end of a word, and, commas' "one \" \$(two words" three\ words and some more of them at the end`,
			"tool 'a blank that is   no end of a word, and, commas' \\\n  \"one \\\" \\$(two words\" three\\ words and some more of them at the end"},
		{"tool --a --b --c " + strings.Repeat("x", 80), "tool --a --b \\\n  --c \\\n  " + strings.Repeat("x", 80)},
	} {
		got := wrapCommand(c.in)
		if got != c.want {
			t.Errorf("wrapCommand(%s) =\n%s\nwant\n%s", c.in, got, c.want)
		}
		if strings.HasPrefix(c.in, "unset") {
			continue
		}
		if before, after := arguments(t, c.in), arguments(t, got); !slices.EqualFunc(before, after, sameWord) {
			t.Errorf("the shell reads %q\nand in lines      %q", before, after)
		}
	}
	for _, in := range []string{
		strings.Repeat("long ", 20) + "'open", strings.Repeat("long ", 20) + `"$(open"`, strings.Repeat("long ", 20) + ")", strings.Repeat("long ", 20) + "# comment with blanks",
		strings.Repeat("long ", 20) + "\nsecond line", strings.Repeat("long ", 20) + "<<END",
	} {
		if got := wrapCommand(in); got != in {
			t.Errorf("what cannot be followed was wrapped: %q", got)
		}
	}
}

// FuzzWrapCommand: nothing but line ends and blanks comes in or is lost.
func FuzzWrapCommand(f *testing.F) {
	f.Add(`az role assignment create --scope "$(az account list --query "[?a=='b'].id | [0]" -o tsv)" --parameters '{"a":"b","c":["d","e"]}'`)
	f.Add(`a "b $(c 'd {e} ,"f' g) h" '{"i":"j\",\"","k":1}' \' \"` + strings.Repeat(" x", 40))
	f.Add(" \\\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := wrapCommand(s)
		if strings.Contains(s, "\n") {
			if got != s {
				t.Errorf("a command of several lines, %q, becomes %q", s, got)
			}
			return
		}
		bare := strings.NewReplacer(" \\\n", " ", "\n", "").Replace(got)
		if squeeze(bare) != squeeze(s) {
			t.Errorf("wrapCommand(%q) = %q", s, got)
		}
	})
}

// squeeze leaves the blanks out.
func squeeze(s string) string { return strings.ReplaceAll(s, " ", "") }

// TestEveryCommandWraps: what the catalogue prints means the same in lines.
func TestEveryCommandWraps(t *testing.T) {
	t.Parallel()
	wrapped := 0
	for name, f := range findingsOfCases(t) {
		for _, command := range f.Remedy.Commands {
			lines := wrapCommand(command)
			if !strings.HasPrefix(command, "az ") && !strings.HasPrefix(command, "gh ") || lines == command {
				continue
			}
			wrapped++
			if before, after := arguments(t, command), arguments(t, lines); !slices.EqualFunc(before, after, sameWord) {
				t.Errorf("%s: the shell reads %q\nand in lines      %q", name, before, after)
			}
		}
	}
	if wrapped < 20 {
		t.Errorf("%d commands were wrapped", wrapped)
	}
}
