package preflight

import "github.com/aoai-preflight/aoai-preflight/preflight/litellm"

// Where in a client's configuration stands what a finding is about: the key at
// fault, through includes and credential references, and not merely the model.

// places are the keys that a call was made of, by what they decide.
type places map[Setting]Location

// placesOf are the places of a sending; what no file decides has none.
func placesOf(s *litellm.Sending) places {
	out := places{}
	for name, v := range map[Setting]litellm.Value{SettingBase: s.BaseFrom, SettingVersion: s.VersionOf, SettingCredential: s.Credential, SettingScope: s.ScopeFrom,
		SettingTenant: s.Entra["tenant_id"], SettingClient: s.Entra["client_id"], SettingSecret: s.Entra["client_secret"]} {
		if v.At.File != "" {
			out[name] = Location(v.At)
		}
	}
	return out
}

// of is where the key at fault stands for a diagnosis, the zero Location where
// no file has it.
func (p places) of(id string) Location {
	d, ok := Lookup(id)
	if !ok || d.Setting == "" {
		return Location{}
	}
	return p[d.Setting]
}

// locate is where a finding about a client's model points: at the key at fault
// if that stands in a file, else at the model.
func (t *Target) locate(id string) *Location {
	if t == nil || t.Client == nil {
		return t.stands()
	}
	if key := t.Client.places.of(id); key.File != "" {
		return &key
	}
	return t.stands()
}

// stands is where a client's configuration has the model, nil where none does.
func (t *Target) stands() *Location {
	if t == nil || t.Location.File == "" {
		return nil
	}
	at := t.Location
	return &at
}

// place moves a finding that stands at a model to the key at fault.
func (f *Finding) place(t *Target) {
	if f.Location == nil || t != nil && *f.Location == t.Location {
		f.Location = t.locate(f.ID)
	}
}
