package litellm

import "strings"

// What LiteLLM takes address, api-version and deployment from.

// base is what LiteLLM takes the address from. base_url is an argument of the
// audio functions of later releases as well, where it does not win.
func (r *resolver) base() Value {
	own := r.ownBase()
	if r.Kind == Speech || r.Kind == Transcription {
		if r.does(audioBase) == "both" {
			own = or(own, r.param("base_url"))
		}
	}
	return or(own, r.global("api_base"), r.secret("AZURE_API_BASE"))
}

// version is the api-version of the paths that have LiteLLM's default.
func (r *resolver) version(byDefault bool) Value {
	v := or(r.param("api_version"), r.global("api_version"), r.secret("AZURE_API_VERSION"))
	if byDefault && v.Empty() {
		return given(r.does(defaultVersion), "LiteLLM's default")
	}
	return v
}

// oSeriesName reports whether LiteLLM takes a deployment for a reasoning model,
// which it does by substrings of its name.
func (r *resolver) oSeriesName(name string) bool {
	for _, part := range strings.Fields(r.does(oSeries)) {
		if strings.Contains(name, part) {
			return true
		}
	}
	return strings.Contains(name, "o_series/")
}

// deployment is the name that goes on the wire.
func (r *resolver) deployment() string {
	name := r.name
	if r.out.Provider != "azure" {
		return name
	}
	if r.oSeriesName(name) {
		if r.async() && r.does(oSeriesPrefix) == "kept" {
			return name
		}
		return strings.ReplaceAll(name, "o_series/", "")
	}
	if r.does(gptSeries) == "removed" {
		name = strings.ReplaceAll(name, "gpt5_series/", "")
	}
	return name
}

// async reports whether the asynchronous functions are called.
func (r *resolver) async() bool { return r.Async || r.Client == Proxy }

// onV1 reports whether an api-version takes a call to the v1 route.
func (r *resolver) onV1(version Value) bool {
	return isV1(version) && r.does(v1Client) != "none" && !r.versionForgotten(version)
}

// isV1 reports whether an api-version means the v1 route to LiteLLM.
func isV1(v Value) bool {
	switch v.Text.Reveal() {
	case "v1", "latest", "preview":
		return true
	}
	return false
}
