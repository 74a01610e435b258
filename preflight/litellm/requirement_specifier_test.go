package litellm

import "testing"

func TestSpecifierAdmits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		spec    string
		grammar grammar
		yes, no string // one version each; "" for none
	}{
		{"==1.63.7", pep508, "1.63.7.0", "1.63.8"},
		{"=== 1.63.7", pep508, "1.63.7", "1.63.70"},
		{"==1.63.*", pep508, "1.63.0.post1", "1.64.0"},
		{"==1.63.*", pep508, "1.63", "1.6.3"},
		{"==1!1.*", pep508, "1!1.5", "1.5"},
		{"!=1.82.7,!=1.82.8", pep508, "1.82.6", "1.82.8"},
		{"!=1.82.*", pep508, "1.83.0", "1.82.7"},
		{">=1.59", pep508, "1.59.0", "1.59.0rc1"},
		{">= 1.59 , < 1.69", pep508, "1.68.2", "1.69.0"},
		{"<1.69", pep508, "1.68.2", "1.69.0rc1"},
		{"<1.69rc2", pep508, "1.69rc1", "1.69rc2"},
		{">1.67.0", pep508, "1.67.1", "1.67.0.post1"},
		{">1.67.0.post1", pep508, "1.67.0.post2", "1.67.0.post1"},
		{"<=1.68.2", pep508, "1.68.2", "1.68.2.post1"},
		{"~=1.63.7", pep508, "1.63.99", "1.64.0"},
		{"~=1.63.0", pep508, "1.63.0", "1.64.0"},
		{"~=1.63", pep508, "1.99.0", "2.0.0"},
		{"", pep508, "0.0.1", ""},
		{"*", poetry, "1.82.7", ""},
		{"^1.63.7", poetry, "1.82.7", "2.0.0"},
		{"^1.63.7", poetry, "1.63.7", "1.63.6"},
		{"^0.2.3", poetry, "0.2.9", "0.3.0"},
		{"^0.0.3", poetry, "0.0.3", "0.0.4"},
		{"^0.0", poetry, "0.0.9", "0.1.0"},
		{"~1.63.7", poetry, "1.63.9", "1.64.0"},
		{"~1.63", poetry, "1.63.9", "1.64.0"},
		{"~1", poetry, "1.99", "2.0"},
		{"1.63.7", poetry, "1.63.7", "1.63.8"},
		{"1.63.*", poetry, "1.63.8", "1.64.0"},
		{">=1.59 <1.69", poetry, "1.60", "1.69"},
		{"^1.63 || ^3.0", poetry, "3.1", "2.1"},
	} {
		s, ok := parseSpecifier(c.spec, c.grammar)
		if !ok {
			t.Errorf("%q is refused", c.spec)
			continue
		}
		if !s.admits(mustVersion(c.yes)) {
			t.Errorf("%q does not admit %s", c.spec, c.yes)
		}
		if c.no != "" && s.admits(mustVersion(c.no)) {
			t.Errorf("%q admits %s", c.spec, c.no)
		}
	}
}

func TestSpecifierBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		spec           string
		grammar        grammar
		shown          string
		exact, newest  string
		after, notLess string // versions right around the newest, "" for none
	}{
		{"==1.63.7", pep508, "==1.63.7", "1.63.7", "1.63.7", "", ""},
		{" == v1.63.7 ", pep508, "==v1.63.7", "v1.63.7", "v1.63.7", "", ""},
		{">=1.59", pep508, ">=1.59", "", "", "", ""},
		{">=1.59,<1.69", pep508, ">=1.59,<1.69", "", "<1.69", "1.68.9.post1", "1.69rc1"},
		{"<=1.68.2,>1", pep508, "<=1.68.2,>1", "", "1.68.2", "", ""},
		{"==1.63.*", pep508, "==1.63.*", "", "<1.64", "1.63.99", "1.64.0a1"},
		{"~=1.63.7,<1.63.9", pep508, "~=1.63.7,<1.63.9", "", "<1.63.9", "1.63.8", "1.63.9"},
		{"^1.63", poetry, "^1.63", "", "<2", "1.99", "2.0.dev1"},
		{"1.2", poetry, "==1.2", "1.2", "1.2", "", ""},
		{"^1.63||==3.0", poetry, "^1.63||==3.0", "", "3.0", "", ""},
		{"^1.63||>3.0", poetry, "^1.63||>3.0", "", "", "", ""},
		{"==1.69+cu1", pep508, "==1.69+cu1", "1.69+cu1", "1.69+cu1", "", ""},
		{"<1.69.dev1", pep508, "<1.69.dev1", "", "<1.69.dev1", "1.68", "1.69.dev1"},
		{"<1!2", pep508, "<1!2", "", "<1!2", "1!1", "1!2"},
		{"==1!2.*", pep508, "==1!2.*", "", "<1!3", "1!2.9", "1!3"},
	} {
		s, ok := parseSpecifier(c.spec, c.grammar)
		if !ok || s.String() != c.shown || s.exact().String() != c.exact || s.newest().String() != c.newest {
			t.Errorf("%q: %v, %q, exact %q, newest %q", c.spec, ok, s, s.exact(), s.newest())
		}
		if c.after != "" && (s.newest().Compare(mustVersion(c.after)) <= 0 || s.newest().Compare(mustVersion(c.notLess)) > 0) {
			t.Errorf("%q: the newest does not stand between %s and %s", c.spec, c.after, c.notLess)
		}
	}
}

func TestSpecifierRefuses(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{
		"1.63.7", "^1.63", "~1.63", "==", "== x", "=1.0", ">=1.*", "~=1", "==1.0$(x)", "===foo", "<<1", "==99999999999999999999",
		"==1.0\x1b[31m", "@ https://host.example/x.whl", "*||*", "<1.69+cu1", "==1.0rc1.*", "==1.0+a.*",
	} {
		if s, ok := parseSpecifier(spec, pep508); ok {
			t.Errorf("%q is taken as %q", spec, s)
		}
	}
}
