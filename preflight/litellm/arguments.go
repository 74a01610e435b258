package litellm

import "strings"

// What releases do with arguments that they do not take as they are meant.

// versionTooShort reports whether this release takes the api-version apart at
// its dashes and finds fewer than three parts. It does so before anything else.
func (r *resolver) versionTooShort(v Value) bool {
	chat := r.out.Provider == "azure" && (r.Kind == Chat || r.Kind == "")
	return chat && !r.oSeriesName(r.name) && strings.Count(v.Text.Reveal(), "-") < 2 && r.does(versionShape) == "date"
}

// scopeArgument notes that releases which do not know azure_scope hand it to the
// SDK, whose embeddings and completions refuse it.
func (r *resolver) scopeArgument() {
	method := ""
	switch {
	case r.Kind == Embedding:
		method = "Embeddings"
	case r.out.Provider == "azure_text":
		method = "Completions"
	}
	if r.Kind == Embedding && r.does(embedUnknown) == "body" {
		return // the service refuses it, which is its own matter
	}
	if method != "" && r.passed("azure_scope") && r.does(scopeParam) == "refresh" && (r.late == nil || r.late == unsupportedProtocol) {
		r.late = &Failure{Type: "TypeError", Text: method + ".create() got an unexpected keyword argument 'azure_scope'"}
	}
}

// embeddingArguments notes that older releases hand azure_ad_token and
// azure_scope on with an embedding that is not of azure/, which the SDK refuses.
func (r *resolver) embeddingArguments() {
	if r.Kind != Embedding {
		return
	}
	r.scopeArgument()
	const refused = "Embeddings.create() got an unexpected keyword argument"
	switch {
	case !r.passed("azure_ad_token") || r.does(embedUnknown) == "body":
	case r.late != nil && strings.HasPrefix(r.late.Text, refused):
		r.late = &Failure{Type: "TypeError", Text: refused} // of two, whichever comes first
	case r.late == nil || r.late == unsupportedProtocol:
		r.late = &Failure{Type: "TypeError", Text: refused + " 'azure_ad_token'"}
	}
}

// passed reports whether a parameter gets as far as the SDK's method. One that is
// None does so as well, but the Router leaves it out.
func (r *resolver) passed(name string) bool {
	v, there := r.Params[name]
	return v.Set || there && r.Client != Proxy
}

// textArgument notes that azure_text/ hands azure_ad_token to the SDK as a
// parameter of the completion, which refuses it.
func (r *resolver) textArgument() {
	const refused = "Completions.create() got an unexpected keyword argument"
	switch {
	case r.out.Provider != "azure_text" || !r.param("azure_ad_token").Set && !(r.passed("azure_ad_token") && r.does(scopeParam) == "refresh"):
	case r.late != nil && strings.HasPrefix(r.late.Text, refused):
		r.late = &Failure{Type: "TypeError", Text: refused} // of two, whichever comes first
	case r.late == nil || r.late == unsupportedProtocol:
		r.late = &Failure{Type: "TypeError", Text: refused + " 'azure_ad_token'"}
	}
}

// versionForgotten reports whether this release's embeddings or transcriptions
// lose the api-version on the way, so that only AZURE_API_VERSION and the default
// remain: the asynchronous ones all, the others that of the v1 route.
func (r *resolver) versionForgotten(v Value) bool {
	switch {
	case r.out.Provider != "azure":
		return false
	case r.Kind == Embedding:
		return r.async() && r.does(embedVersion) == "lost"
	case r.Kind == Transcription:
		fate := r.does(audioVersion)
		return r.async() && fate != "kept" || isV1(v) && fate == "lost, and v1"
	}
	return false
}

// versionMissing is the SDK's about an api-version that nobody gives.
var versionMissing = &Failure{Type: "ValueError", Text: "Must provide either the `api_version` argument or the `OPENAI_API_VERSION` environment variable"}

// indexError is what comes of it.
var indexError = &Failure{Type: "IndexError", Text: "list index out of range"}
