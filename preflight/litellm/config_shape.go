package litellm

// shape is the first part of a configuration with which LiteLLM does not start,
// or that it cannot mean.
func (c *Config) shape() *Error {
	for _, name := range []string{"environment_variables", "litellm_settings", "router_settings", "general_settings"} {
		if p := c.sections[name].part; !p.null() && !p.mapping() {
			return &Error{At: p.place(), Detail: name + " is no mapping"}
		}
	}
	for _, list := range []struct {
		name  string
		entry func(part) *Error
	}{{"model_list", modelShape}, {"credential_list", credentialShape}} {
		s := c.sections[list.name]
		if !s.part.null() && !s.part.list() {
			return &Error{At: s.part.place(), Detail: list.name + " is no list"}
		}
		for i, item := range s.items {
			if i >= maxModels {
				return &Error{At: item.place(), Detail: list.name + " has more than 2000 entries"}
			}
			if !item.mapping() {
				return &Error{At: item.place(), Detail: "an entry of " + list.name + " that is no mapping"}
			}
			if fault := list.entry(item); fault != nil {
				return fault
			}
		}
	}
	return nil
}

func modelShape(m part) *Error {
	if fault := needsText(m, "model_name", "an entry of model_list"); fault != nil {
		return fault
	}
	params, ok := m.get("litellm_params")
	if !ok {
		return &Error{At: m.place(), Detail: "an entry of model_list without litellm_params"}
	}
	if !params.mapping() {
		return &Error{At: params.place(), Detail: "litellm_params is no mapping"}
	}
	if fault := needsText(params, "model", "litellm_params"); fault != nil {
		return fault
	}
	if info, ok := m.get("model_info"); ok && !info.mapping() {
		return &Error{At: info.place(), Detail: "model_info is no mapping"}
	}
	return nil
}

func credentialShape(m part) *Error {
	if fault := needsText(m, "credential_name", "an entry of credential_list"); fault != nil {
		return fault
	}
	for _, name := range []string{"credential_values", "credential_info"} {
		p, ok := m.get(name)
		if !ok {
			return &Error{At: m.place(), Detail: "an entry of credential_list without " + name}
		}
		if !p.mapping() {
			return &Error{At: p.place(), Detail: name + " is no mapping"}
		}
	}
	return nil
}

// needsText is the fault of a mapping whose key is absent or no text. An entry
// without the key has its own place, a value that is no text its key's.
func needsText(m part, name, of string) *Error {
	p, ok := m.get(name)
	if !ok {
		at := m.place()
		return &Error{At: at, Detail: of + " without " + name}
	}
	if text, ok := p.text(); !ok || text == "" {
		return &Error{At: p.place(), Detail: name + " is no text"}
	}
	return nil
}
