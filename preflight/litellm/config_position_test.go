package litellm

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A written configuration: its files, and by its own count where each of the
// keys stands that a model gets a value from.
type written struct {
	files map[string]string
	at    map[string]map[string]Place // by model_name, then by parameter; "model" is the model's own
}

// A page is a file while it is written.
type page struct {
	name  string
	lines []string
}

// add writes one line, and returns where the given part of it stands.
func (p *page) add(line, part string) Place {
	p.lines = append(p.lines, line)
	before, _, ok := strings.Cut(line, part)
	if !ok {
		panic("not in the line: " + part)
	}
	return Place{p.name, len(p.lines), len([]rune(before)) + 1}
}

// write makes a configuration of 300 models over 12 resources in four files, in
// every layout that YAML has for an entry, with half of the parameters behind
// credential references, anchors and merges.
func write() written {
	w := written{files: make(map[string]string), at: make(map[string]map[string]Place)}
	pages := []*page{{name: "config.yaml"}, {name: "models/east.yaml"}, {name: "models/west.yaml"}, {name: "models/deep/north.yaml"}}
	pages[0].add("include: [models/east.yaml, models/west.yaml]", "")
	pages[1].add("include:", "")
	pages[1].add("  - deep/north.yaml", "")

	resources := make([]map[string]Place, 12)
	for i := range resources {
		p := pages[i%len(pages)]
		if i < len(pages) {
			p.add("credential_list:", "")
		}
		p.add(fmt.Sprintf("  - credential_name: resource-%d", i), "")
		p.add("    credential_info: {}", "")
		p.add("    credential_values:", "")
		resources[i] = map[string]Place{
			"api_base": p.add(fmt.Sprintf("      api_base: https://r%d.openai.azure.com", i), "api_base"),
		}
		p.add("      # é", "")
		resources[i]["api_key"] = p.add("      \"api_key\" : os.environ/MISSING", `"api_key"`)
	}
	for n, p := range pages {
		anchor := map[string]Place{}
		p.add("x-shared: &shared", "")
		anchor["api_version"] = p.add("  api_version: 2024-10-21", "api_version")
		anchor["azure_ad_token"] = p.add("  azure_ad_token: os.environ/GITHUB_TOKEN", "azure_ad_token")
		p.add("model_list:", "")
		for i := range 75 {
			name := fmt.Sprintf("m%d-%d", n, i)
			at := maps.Clone(resources[i%12])
			switch i % 4 {
			case 0:
				p.add("  - model_name: "+name, "")
				p.add("    litellm_params:", "")
				at["model"] = p.add("      model: azure/"+name, "model")
				p.add(fmt.Sprintf("      litellm_credential_name: resource-%d", i%12), "")
			case 1:
				p.add("  -   litellm_params:", "")
				p.add("        <<: *shared", "")
				at["model"] = p.add("        model: azure/"+name, "model")
				p.add(fmt.Sprintf("        litellm_credential_name: resource-%d", i%12), "")
				p.add("      model_name: "+name, "")
				maps.Copy(at, anchor)
			case 2:
				line := fmt.Sprintf("  - {model_name: %s, litellm_params: {ünï: 1, model: azure/%s, api_base: 5, litellm_credential_name: resource-%d, tenant_id: 1}}", name, name, i%12)
				at["model"] = p.add(line, "model: ")
				delete(at, "api_base")
				for _, own := range []string{"api_base", "tenant_id"} {
					at[own] = Place{p.name, len(p.lines), len([]rune(line[:strings.Index(line, own)])) + 1}
				}
			case 3:
				p.add("  - model_name: "+name, "")
				p.add("    litellm_params:", "")
				at["model"] = p.add("      model: azure/"+name, "model")
				at["litellm_credential_name"] = p.add("      litellm_credential_name: nobody", "litellm_credential_name")
				delete(at, "api_base")
				delete(at, "api_key")
			}
			w.at[name] = at
			p.add("", "")
		}
		w.files[p.name] = strings.Join(p.lines, "\n") + "\n"
	}
	return w
}

func TestPositions(t *testing.T) {
	t.Parallel()
	w := write()
	c, err := Load("config.yaml", configTree(w.files))
	if err != nil {
		t.Fatal(err)
	}
	all := c.Models(processOf(), Versions{})
	if len(all) != 300 || len(c.Files()) != 4 {
		t.Fatalf("%d models in %d files", len(all), len(c.Files()))
	}
	checked := make(map[string]int)
	for _, m := range all {
		want := w.at[m.Call.Alias]
		if m.Call.At != want["model"] {
			t.Errorf("%s at %v, want %v", m.Call.Alias, m.Call.At, want["model"])
		}
		var expected []string
		for param, at := range want {
			if param == "model" {
				continue
			}
			if v := m.Call.Params[param]; v.At != at {
				t.Errorf("%s: %s at %v, want %v", m.Call.Alias, param, v.At, at)
			}
			if id := map[string]string{"api_key": EnvMissing, "api_version": VersionInvalid, "azure_ad_token": EnvRefused,
				"tenant_id": ConfigInvalid, "litellm_credential_name": CredentialNotFound}[param]; id != "" {
				expected = append(expected, fmt.Sprint(id, " ", at))
			} else if at.Line > 0 && !m.Call.Params[param].Empty() && m.Call.Params[param].Type == Number {
				expected = append(expected, fmt.Sprint(ConfigInvalid, " ", at))
			}
		}
		var got []string
		for _, f := range m.Faults {
			got = append(got, fmt.Sprint(f.ID, " ", f.Value.At))
			checked[f.ID]++
		}
		slices.Sort(got)
		slices.Sort(expected)
		if !slices.Equal(got, expected) {
			t.Errorf("%s:\n%q\nwant\n%q", m.Call.Alias, got, expected)
		}
	}
	for _, id := range []string{EnvMissing, VersionInvalid, EnvRefused, ConfigInvalid, CredentialNotFound} {
		if checked[id] < 50 {
			t.Errorf("%s: only %d", id, checked[id])
		}
	}
}

// TestPositionsBroken breaks each file of the configuration in each of some
// lines: the fault is in that line.
func TestPositionsBroken(t *testing.T) {
	t.Parallel()
	w := write()
	for name, text := range w.files {
		lines := strings.Split(text, "\n")
		for i := 7; i < len(lines)-1; i += 173 {
			for _, broken := range []string{"\tx: 1", "x: @", "- [a, 'b", "a: b: c", "*nobody", "  %", "<<: \x01"} {
				files := maps.Clone(w.files)
				files[name] = strings.Join(slices.Insert(slices.Clone(lines), i, broken), "\n")
				_, err := Load("config.yaml", configTree(files))
				if e, ok := err.(*Error); !ok || e.At.File != name || e.At.Line != i+1 {
					t.Errorf("%q in line %d of %s: %v", broken, i+1, name, err)
				}
			}
		}
	}
}

// TestPositionsMistyped misspells lines of the configuration as people do: the
// fault is at the very character.
func TestPositionsMistyped(t *testing.T) {
	t.Parallel()
	w := write()
	tried := 0
	for name, text := range w.files {
		lines := strings.Split(text, "\n")
		for i, l := range lines {
			var wrong string
			column := 0
			switch {
			case i%7 != 0:
				continue
			case strings.HasPrefix(l, "      litellm_credential_name: "): // the last of its mapping
				wrong, column = " "+l, 8 // before its first letter, where the mapping's keys are to begin
				if i%2 == 0 {
					wrong, column = l[1:], 6
				}
				if strings.HasPrefix(lines[i-1], "      model:") && i%2 != 0 {
					column = strings.IndexByte(wrong, ':') + 1 // it goes on with the text of the line before
				}
			case strings.HasPrefix(l, "        litellm_credential_name: "):
				wrong, column = strings.Replace(l, ": resource", ": 'a' resource", 1), 38
			case strings.Contains(l, "api_base: 5"):
				wrong = strings.Replace(l, "api_base: 5", "api_base: http://a/b?c", 1)
				column = len([]rune(wrong[:strings.IndexByte(wrong, '?')])) + 1
			case strings.HasPrefix(l, "      api_base: https"):
				wrong = l + ": x"
				column = len(l) + 1
			default:
				continue
			}
			tried++
			files := maps.Clone(w.files)
			lines := slices.Clone(lines)
			lines[i] = wrong
			files[name] = strings.Join(lines, "\n")
			_, err := Load("config.yaml", configTree(files))
			if e, ok := err.(*Error); !ok || e.At != (Place{name, i + 1, column}) {
				t.Errorf("%q: %v, want it at %s:%d:%d", wrong, err, name, i+1, column)
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d lines were tried", tried)
	}
}

func BenchmarkConfig300(b *testing.B) {
	w := write()
	read := configTree(w.files)
	for b.Loop() {
		c, err := Load("config.yaml", read)
		if err != nil {
			b.Fatal(err)
		}
		if n := len(c.Models(processOf(), Versions{})); n != 300 {
			b.Fatal(n)
		}
	}
}
