package preflight

import (
	"strings"
)

// What the diagnoses of a request look for in the service's words and in the
// call.

// notFound holds for the one text with which the service answers every address
// that it does not know.
var notFound = all(
	either(all(placed, either(coded("unknown_url"), says("Unknown request URL"))), matches("the error says \"Resource not found\"", resourceNotFound, "Resource not found"), says("404 page not found", "Unable to match incoming request to an operation"),
		when("nothing more", func(e *Evidence) bool {
			x := failedAt(e, ServiceModel)
			return x != nil && (x.Code == "" || x.Code == "404" || strings.EqualFold(x.Code, "NotFound"))
		})),
	when("the service answers 404", func(e *Evidence) bool {
		x := failed(e, ServiceModel)
		return x != nil && (x.Status == 404 || x.Status == 0 && x.Fault == FaultNone && (find(e, resourceNotFound()) != "" || saysAny(e, "Unable to match incoming request")) || x.Code == "404")
	}))

// wrongInput is what a chat deployment says of a request to embed. Reports:
// openai-python issue 2337, HKUDS/LightRAG issue 229.
var wrongInput = all(says("Unsupported data type"), badRequest)

// extraInput is what the servers of other makers' models say of a parameter
// that their interface does not have. Report: pydantic-ai issue 6593. So does
// pydantic of anybody's settings.
var extraInput = all(says("Extra inputs are not permitted", "extra_forbidden"), badRequest)

// refusedParameter is how the service says which part of a request it cannot
// read: by a field of its own, or in a sentence that clients show alone. A model
// that it names so is one that is not there. Reports: openai/codex issue 37432,
// langgraphjs issue 405.
var refusedParameter = all(badRequest, either(
	all(says("invalid_request_error"), when("the answer names the parameter", func(e *Evidence) bool { x := failing(e); return x.Param != "" && x.Param != "model" })),
	matches("the error says that a parameter is missing, or of another type or length", parameterRefused, "Missing required parameter", "Invalid type for", "Invalid '")),
	when("the answer has the service's form", func(e *Evidence) bool { return e.Pasted || failing(e).Form == FormOwn }))

// badRequest holds when the model's service objects to what a request holds.
var badRequest = when("the model's service refuses the request with 400 or 422", func(e *Evidence) bool {
	x := failed(e, ServiceModel)
	return x != nil && !e.Unplaced && (x.Status == 400 || x.Status == 422)
})

// wrapped404 is LangChain.js's label beside the service's words for a path.
var wrapped404 = all(says("404 Resource not found", "message: 'Resource not found'"), says("MODEL_NOT_FOUND/", "lc_error_code"))

var unsupportedOperation = either(coded("OperationNotSupported"), says("operation does not work with the specified model", "OperationNotSupported"))

// Pieces of the service's texts.
var (
	// Other services of Azure's, and the SDKs, have codes and classes of these
	// three words, written as one. A log may be wrapped inside of a word.
	resourceNotFound = lazy(`(?i)\b(r\s*e\s*s\s*o\s*u\s*r\s*c\s*e\s+n\s*o\s*t\s+f\s*o\s*u\s*n\s*d)`)
	modelGone        = lazy(`(?i)\bmodel\b[^.\n]{0,120}\b(?:has been|is|was) (?:deprecated|retired)`)
	neededVersion    = lazy(`(?i)only for api versions (20\d\d-\d\d-\d\d(?:-preview)?)`)
	namedModel       = lazy(`(?i)specified model, ([A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9])`)
	namedOperation   = lazy(`(?i)The (\w+) operation does not work`)
	namedParameter   = lazy(`(?i)(?:parameter|value|argument supplied): ?["'\x60]?([a-z_][a-z_.\d]*)`)
	parameterRefused = lazy(`(?i)\bMissing\s+required\s+parameter:\s*'|\bInvalid\s+type\s+for\s+'[a-z_][\w.\[\]]*':\s|\bInvalid\s+'[a-z_][\w.\[\]]*':\s[\w\s]{3,60}\.\s+Expected\s`)
	responsesOnly    = lazy(`(?i)codex|(?:^|[-_])pro(?:$|[-_])|deep-research|computer-use`)
)

// onV1 reports whether the call was to the v1 route.
func onV1(e *Evidence) bool {
	x := failed(e, ServiceModel)
	return (x != nil && strings.Contains(x.Path, "/openai/v1")) || (e.Target != nil && e.Target.Route == RouteV1)
}

// tooLong is what the service says of a prompt that the model cannot take.
// https://github.com/Azure/azure-sdk-for-java/issues/40681
var tooLong = all(placed, either(coded("context_length_exceeded"), says("This model's maximum context length is", "Your input exceeds the context window of this model")))

// noVersion is what the clients say that are told no API version: the SDKs of
// OpenAI, old and new, and LangChain's in both languages.
// https://github.com/openai/openai-python/issues/779
var noVersion = says("Must provide either the `api_version` argument", "OPENAI_API_VERSION environment variable is missing or empty", "An API version is required for the Azure API type",
	"Did not find openai_api_version", "Azure OpenAI API version not found")

// strangeVersion reports whether the call's version cannot be one that was
// published: not a date of the usual form, or a model's version.
func strangeVersion(e *Evidence) bool {
	v := versionOf(e)
	switch v {
	case "", "v1", "preview", "latest":
		return false
	case "2024-05-13", "2024-07-18", "2024-08-06", "2024-11-20", "2024-12-17", "2025-01-31", "2025-04-14", "2025-04-16", "2025-08-07":
		return true // versions of gpt-4o, gpt-4o-mini, o1, o3, o4-mini, gpt-4.1 and gpt-5
	}
	return !datedVersion().MatchString(v)
}

// probeSettles reports whether the call with a known version got further than
// the one that failed: an answer, or a complaint that comes behind the path.
func probeSettles(p *Exchange) bool {
	return p.OK() || (p.Fault == FaultNone && p.Status != 0 && p.Status != 404) || p.Code == "DeploymentNotFound"
}

// fixedPath says what is wrong with a path, where its form shows it.
func fixedPath(x *Exchange) string {
	if x == nil {
		return ""
	}
	switch p := x.Path; {
	case p == "":
		return ""
	case strings.Contains(p, "//"):
		return ", which holds a double slash"
	case strings.Count(p, "/openai") > 1:
		return ", in which /openai is doubled"
	case strings.Contains(p, "/v1/deployments") || strings.Contains(p, "/deployments/") && strings.Contains(p, "/v1/"):
		return ", which mixes the v1 route with the deployments route"
	case !strings.Contains(p, "/openai"):
		return ", in which /openai is missing"
	}
	return ""
}

// operationFor is what a model does, as far as its name tells.
func operationFor(model string) Operation {
	m := strings.ToLower(model)
	switch {
	case strings.Contains(m, "embedding"):
		return Embeddings
	case strings.Contains(m, "dall-e"), strings.Contains(m, "image"):
		return Images
	case strings.Contains(m, "whisper"), strings.Contains(m, "tts"), strings.Contains(m, "transcribe"):
		return Audio
	case strings.Contains(m, "instruct"), strings.Contains(m, "davinci"), strings.Contains(m, "babbage"):
		return Completions
	case strings.HasPrefix(m, "gpt-"), strings.HasPrefix(m, "o1"), strings.HasPrefix(m, "o3"), strings.HasPrefix(m, "o4"):
		return Chat
	}
	return ""
}

// versionVariable is the variable that fills an empty api-version.
func versionVariable(e *Evidence) string {
	for _, name := range []string{"AZURE_API_VERSION", "OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION"} {
		if e.Setup.Env[name] == EnvSet {
			return name
		}
	}
	return ""
}
