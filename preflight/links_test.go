package preflight

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// A document is a Markdown file of the repository, as far as its links and what
// it names are concerned.
type document struct {
	path    string // from the repository's root, with slashes
	anchors map[string]bool
	links   []string
	spans   []string // inline code
	blocks  []codeBlock
	tables  []table
}

type codeBlock struct{ lang, text string }

// A table is the header and the rows of a Markdown table, cells trimmed.
type table struct {
	header []string
	rows   [][]string
}

var (
	codeSpan    = regexp.MustCompile("`([^`]+)`")
	inlineLink  = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?[^)]*\)`)
	linkTarget  = regexp.MustCompile(`^\s*\[[^\]]+\]:\s*<?([^\s>]+)`)
	htmlLink    = regexp.MustCompile(`(?:href|src|srcset)="([^"]+)"`)
	bareLink    = regexp.MustCompile(`https?://[^\s<>"')\]|]+`)
	namedAnchor = regexp.MustCompile(`<a (?:name|id)="([^"]+)"`)
	heading     = regexp.MustCompile(`^#{1,6}\s+(.+?)\s*#*$`)
	linkText    = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
)

// readDocument reads a Markdown file. Quotations count as what they quote.
func readDocument(t *testing.T, name string) *document {
	t.Helper()
	d := &document{path: strings.TrimPrefix(filepath.ToSlash(name), "../"), anchors: map[string]bool{}}
	var fence string
	var open *table
	for line := range strings.Lines(read(t, name)) {
		line = strings.TrimRight(line, "\n")
		for strings.HasPrefix(line, ">") {
			line = strings.TrimPrefix(strings.TrimPrefix(line, ">"), " ")
		}
		bare := strings.TrimSpace(line)
		if fence != "" {
			if strings.HasPrefix(bare, fence) && strings.Trim(bare, fence[:1]) == "" {
				fence = ""
				continue
			}
			d.blocks[len(d.blocks)-1].text += line + "\n"
			continue
		}
		if strings.HasPrefix(bare, "```") || strings.HasPrefix(bare, "~~~") {
			rest := strings.TrimLeft(bare, bare[:1])
			fence = bare[:len(bare)-len(rest)]
			d.blocks = append(d.blocks, codeBlock{lang: strings.TrimSpace(rest)})
			continue
		}
		open = d.row(open, bare)
		d.prose(bare)
	}
	if fence != "" {
		t.Errorf("%s: a code block does not end", d.path)
	}
	return d
}

// row adds a line to the table that is open, begins one, or ends it.
func (d *document) row(open *table, line string) *table {
	if !strings.HasPrefix(line, "|") {
		return nil
	}
	cells := strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, " "), "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	switch {
	case open == nil:
		d.tables = append(d.tables, table{header: cells})
	case strings.Trim(line, "|-: ") != "":
		open.rows = append(open.rows, cells)
	}
	return &d.tables[len(d.tables)-1]
}

// prose collects what a line outside of code blocks links to and names.
func (d *document) prose(line string) {
	if m := heading.FindStringSubmatch(line); m != nil {
		d.anchor(m[1])
	}
	for _, m := range codeSpan.FindAllStringSubmatch(line, -1) {
		d.spans = append(d.spans, m[1])
	}
	line = codeSpan.ReplaceAllString(line, "")
	for _, m := range namedAnchor.FindAllStringSubmatch(line, -1) {
		d.anchors[m[1]] = true
	}
	for _, form := range []*regexp.Regexp{inlineLink, linkTarget, htmlLink} {
		for _, m := range form.FindAllStringSubmatch(line, -1) {
			d.links = append(d.links, m[1])
		}
	}
	d.links = append(d.links, bareLink.FindAllString(line, -1)...)
}

// anchor adds a heading's anchor as GitHub makes it: letters, digits, hyphens
// and underscores remain, a blank becomes a hyphen, and a repetition gets a number.
func (d *document) anchor(text string) {
	text = strings.NewReplacer("`", "", "*", "").Replace(linkText.ReplaceAllString(text, "$1"))
	slug := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			return unicode.ToLower(r)
		}
		return -1
	}, text)
	name := slug
	for n := 1; d.anchors[name]; n++ {
		name = fmt.Sprintf("%s-%d", slug, n)
	}
	d.anchors[name] = true
}

// documents are the repository's Markdown files, by their path.
func documents(t *testing.T) map[string]*document {
	t.Helper()
	out := map[string]*document{}
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		switch base := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && (base == ".git" || base == "testdata" || base == "node_modules" || strings.HasSuffix(base, "venv") || strings.HasSuffix(base, "venvs")):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(base, ".md"):
			d := readDocument(t, name)
			out[d.path] = d
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if out["README.md"] == nil || len(out) < 100 {
		t.Fatalf("found %d Markdown files, and README.md among them: %v", len(out), out["README.md"] != nil)
	}
	return out
}

// repository is how this repository's own pages are linked from outside of it.
const repository = "https://github.com/aoai-preflight/aoai-preflight"

// resolve checks one link of a document. It returns what is wrong, "" for nothing.
func resolve(all map[string]*document, from, link string) string {
	target, anchor, _ := strings.Cut(link, "#")
	switch {
	case target == repository || target == repository+"#readme":
		target = "README.md"
	case strings.HasPrefix(target, repository+"/blob/main/"):
		target = strings.TrimPrefix(target, repository+"/blob/main/")
	case strings.HasPrefix(target, "https://"):
		return ""
	case strings.Contains(target, ":"):
		return "is not https"
	case target == "":
		target = from
	case strings.HasPrefix(target, "/"):
		target = strings.TrimPrefix(target, "/")
	default:
		target = filepath.ToSlash(filepath.Join(filepath.Dir(from), target))
	}
	if strings.HasPrefix(target, "../") {
		return "leads out of the repository"
	}
	info, err := os.Stat(filepath.Join("..", filepath.FromSlash(target)))
	if errors.Is(err, fs.ErrNotExist) {
		return "leads to no file"
	}
	if err != nil {
		return err.Error()
	}
	if anchor == "" {
		return ""
	}
	if info.IsDir() {
		target += "/README.md"
	}
	switch d := all[target]; {
	case d == nil:
		return "has an anchor in what is no Markdown file"
	case !d.anchors[anchor] && anchor != "readme":
		return "has an anchor that no heading makes"
	}
	return ""
}

// TestLinks: no Markdown file links to a file or a heading that is not there,
// nor over http, and no diagnosis to a part of this repository that is not.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := documents(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, link := range all[name].links {
			if wrong := resolve(all, name, link); wrong != "" {
				t.Errorf("%s: the link %s %s", name, link, wrong)
			}
		}
	}
	for _, d := range Catalogue {
		if wrong := resolve(all, "README.md", d.Docs); wrong != "" {
			t.Errorf("%s: its link %s %s", d.ID, d.Docs, wrong)
		}
	}
}

// TestDeadLinksAreFound tries the checker on links that are dead.
func TestDeadLinksAreFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "page.md")
	text := "# What a `container` action cannot see, really?\n## Twice\n## Twice\n> ## [Quoted](x) _too_\n\n[a](#here) `[code](no)` <http://example.com>\n```sh\n# no heading\n[in](code)\n```\n[ref]: other.md\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d := readDocument(t, name)
	want := []string{"_too_", "twice", "twice-1", "what-a-container-action-cannot-see-really"}
	if got := slices.Sorted(maps.Keys(d.anchors)); !slices.Equal(got, []string{"quoted-_too_", want[1], want[2], want[3]}) {
		t.Errorf("anchors %q", got)
	}
	if got := []string{"x", "#here", "http://example.com", "other.md"}; !slices.Equal(d.links, got) {
		t.Errorf("links %q", d.links)
	}
	all := map[string]*document{"README.md": {anchors: map[string]bool{"here": true}}}
	for link, dead := range map[string]bool{
		"#here": false, "#there": true, "docs": false, "docs/none.md": true, "../outside": true, "http://example.com": true,
		"https://example.com/x#y": false, "action.yml": false, "action.yml#here": true, repository + "#here": false, repository + "#there": true,
	} {
		if wrong := resolve(all, "README.md", link); (wrong != "") != dead {
			t.Errorf("%s: %q", link, wrong)
		}
	}
}
