package actionsrunner

import (
	"slices"
	"strings"
	"testing"
)

func TestCommands(t *testing.T) {
	t.Parallel()
	for stream, want := range map[string]string{
		"::error::x":                              "error x",
		" \t\u00a0\u3000::error::x":               "error x",
		"a ::error::x":                            "",
		"a ##[error]x":                            "error x",
		"##[add-mask]a":                           "add-mask a",
		"##[set-output name=a;b=c]d%5D":           "set-output d]",
		"::SET-ENV name=PATH::x":                  "set-env x",
		"::error file=a,line=3,title=b%3Ac::d%0A": "error d\n",
		"::unknown::x":                            "",
		"a\r::error::x\r\nb":                      "error x",
		"::stop-commands::t":                      "stop-commands t",
		"##\u200b[error]x":                        "", // the name would be "[error"
		"\u200b::error::x":                        "",
		":\u00ad:error::x":                        "",
		"#\ufe0f#[error]x":                        "",
		"::error":                                 "",
		"##[error":                                "",
		"::debug::a\n::group::b\n c":              "debug a group b",
	} {
		var got []string
		for _, c := range Commands(stream) {
			got = append(got, c.Name, c.Data)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("Commands(%q) = %q, want %q", stream, s, want)
		}
	}
	c := Commands("::error file=a b.yml,line=3,title=x%3A%2C%25,empty=::y%25")[0]
	if c.Properties["file"] != "a b.yml" || c.Properties["title"] != "x:,%" || c.Data != "y%" || len(c.Properties) != 3 {
		t.Errorf("%+v", c)
	}
}

func TestPairs(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]Pair{
		"":                            nil,
		"a=b\n":                       {{"a", "b"}},
		"a=b<<c\n":                    {{"a", "b<<c"}},
		"a<<X\nb\n\nc\nX\nd=\n":       {{"a", "b\n\nc"}, {"d", ""}},
		"a<<X\nX\n":                   {{"a", ""}},
		"a<<X\nb\nX\nresult<<X\nc\nX": {{"a", "b"}, {"result", "c"}},
	} {
		if got, err := Pairs(file); err != nil || !slices.Equal(got, want) {
			t.Errorf("Pairs(%q) = %q, %v, want %q", file, got, err, want)
		}
	}
	for _, file := range []string{"a\n", "a<<X\nb\n", "<<X\nX\n", "a<<\n", "a<<X\nb"} {
		if got, err := Pairs(file); err == nil {
			t.Errorf("Pairs(%q) = %q without an error", file, got)
		}
	}
}

// TestLive: everything that GitHub makes active is found, and what only looks
// like it is not.
func TestLive(t *testing.T) {
	t.Parallel()
	own := strings.NewReplacer("**Fix:**", "").Replace
	for _, live := range []string{
		"[a](https://a.example)", "![a](b)", "<img src=x>", "a </details> b", "<!-- a", "https://a.example", "www.a.example", "WWW.a.example",
		"ftp://a.example", "x@a.example", "@octocat", "(@octocat)", "a #12", "octo/repo#12", "GH-12", "**a**", "a_b_c", "~~a~~", "$a$", "# a", "> a",
		"1. a", "- - a", "+ a", "===", "---", "- 1) a", "[^1]", "a ` b", "``a`", "&lt;&copy;", "&#64;octocat", "&#x3c;", "```sh\na", "| a |\n|---|\n| a | b |",
		"| `a | b` |\n|---|", "*a*", "- [x] a", "mailto:a", "http://a",
	} {
		if len(Live(live, own)) == 0 {
			t.Errorf("nothing is live in %q", live)
		}
	}
	for _, dead := range []string{
		"", "a b.", "**Fix:** a", `\[a\]\(b\)`, "&lt;img&gt;", "`https://a.example`", "``a`b <img>``", "```sh\n<img> @octocat\n```", "````\n```\n# a\n````",
		"@\u200boctocat", "#\u200b12", "https:\u200b//a.example", `a \| b`, "| a | b |\n|---|---|\n| `x` | y\\|z |", "- a", "AT&amp;T", `\*a\*`, "2 < 3"[:1], "a\\\\b",
	} {
		if found := Live(dead, own); len(found) > 0 {
			t.Errorf("%q is live in %q", found, dead)
		}
	}
}

func TestUnprintable(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"a\nü→": "", "\x1b[31m": "U+001B", "a\r": "U+000D", "\u009b": "U+009B", "\u202e": "U+202E", "\u2028": "U+2028", "\xff": "invalid UTF-8"} {
		if got := Unprintable(s); got != want {
			t.Errorf("Unprintable(%q) = %q, want %q", s, got, want)
		}
	}
}
