package azurelab

import (
	"bytes"
	"encoding/json"
	"mime"
	"mime/multipart"
	"regexp"
	"slices"
)

// A route is what a request's path and body ask of a resource.
type route struct {
	op         Operation
	v1         bool
	dated      bool   // /openai/responses and the like: dated, without a deployment in the path
	deployment string // as the request names it, "" when it does not
	pattern    string // the operation as a PermissionDenied names it
}

// The grammar of the paths. Nothing is forgiven: a doubled slash or a doubled
// /openai is another path.
// https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle
var (
	deploymentsPath = regexp.MustCompile(`^/openai/deployments/([^/]+)/(chat/completions|completions|embeddings|images/generations|audio/speech|audio/transcriptions)$`)
	v1Path          = regexp.MustCompile(`^/openai/v1/(chat/completions|completions|embeddings|responses|images/generations|audio/speech|audio/transcriptions|models)$`)
	datedPath       = regexp.MustCompile(`^/openai/(responses|models)$`)
)

// operations maps the end of a path to what it does.
var operations = map[string]Operation{
	"chat/completions":     Chat,
	"completions":          Completions,
	"embeddings":           Embeddings,
	"responses":            Responses,
	"images/generations":   Images,
	"audio/speech":         Speech,
	"audio/transcriptions": Transcriptions,
	"models":               ListModels,
}

// findRoute reads the path and, where the deployment is in the body, the body.
func findRoute(c *call) (route, bool) {
	p := c.URL.Path
	if m := deploymentsPath.FindStringSubmatch(p); m != nil {
		return route{op: operations[m[2]], deployment: m[1], pattern: c.Method + " /openai/deployments/{deployment-id}/" + m[2]}, true
	}
	if m := v1Path.FindStringSubmatch(p); m != nil {
		return route{op: operations[m[1]], v1: true, deployment: bodyModel(c), pattern: c.Method + " /openai/v1/" + m[1]}, true
	}
	if m := datedPath.FindStringSubmatch(p); m != nil {
		return route{op: operations[m[1]], dated: true, deployment: bodyModel(c), pattern: c.Method + " /openai/" + m[1]}, true
	}
	return route{}, false
}

// bodyModel is the model parameter, which names the deployment.
func bodyModel(c *call) string {
	var b struct {
		Model string `json:"model"`
	}
	if json.Unmarshal(c.body, &b) == nil {
		return b.Model
	}
	return formValue(c, "model")
}

// formValue is a field of a multipart body, which transcriptions have.
func formValue(c *call, name string) string {
	f := readForm(c)
	if f == nil || len(f.Value[name]) == 0 {
		return ""
	}
	return f.Value[name][0]
}

// formFile is how long a file of a multipart body is.
func formFile(c *call, name string) int64 {
	f := readForm(c)
	if f == nil || len(f.File[name]) == 0 {
		return 0
	}
	return f.File[name][0].Size
}

func readForm(c *call) *multipart.Form {
	_, params, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil
	}
	form, err := multipart.NewReader(bytes.NewReader(c.body), params["boundary"]).ReadForm(maxRequest)
	if err != nil {
		return nil
	}
	return form
}

// dataAction is the permission that an operation needs, below
// Microsoft.CognitiveServices/accounts/.
var dataAction = map[Operation]string{
	Chat:           "OpenAI/deployments/chat/completions/action", // report
	Completions:    "OpenAI/deployments/completions/action",      // built-in role page
	Embeddings:     "OpenAI/deployments/embeddings/action",       // built-in role page
	Images:         "OpenAI/images/generations/action",           // built-in role page
	Speech:         "OpenAI/deployments/audio/action",            // built-in role page
	Transcriptions: "OpenAI/deployments/audio/action",            // built-in role page
	Responses:      "OpenAI/responses/write",                     // report
	ListModels:     "OpenAI/models/read",                         // built-in role page
}

// serviceName is what OperationNotSupported calls an operation. The first three
// are in reports, the rest is assumed.
var serviceName = map[Operation]string{
	Chat:           "chatCompletion",
	Completions:    "completion",
	Embeddings:     "embeddings",
	Images:         "imageGeneration",
	Speech:         "audioSpeech",
	Transcriptions: "audioTranscription",
	Responses:      "responses",
}

// limitName is what a 429 calls an operation.
var limitName = map[Operation]string{
	Chat:           "ChatCompletions_Create", // report
	Completions:    "Completions_Create",
	Embeddings:     "Embeddings_Create", // report
	Images:         "ImageGenerations_Create",
	Speech:         "Speech_Create",
	Transcriptions: "Transcriptions_Create",
	Responses:      "Responses_Create",
}

// publishedVersions are the api-versions of the deployments route.
// https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle
var publishedVersions = []string{
	"2022-12-01", "2023-03-15-preview", "2023-05-15", "2023-06-01-preview", "2023-07-01-preview", "2023-08-01-preview",
	"2023-09-01-preview", "2023-12-01-preview", "2024-02-01", "2024-02-15-preview", "2024-03-01-preview", "2024-04-01-preview",
	"2024-05-01-preview", "2024-06-01", "2024-07-01-preview", "2024-08-01-preview", "2024-09-01-preview", "2024-10-01-preview",
	"2024-10-21", "2024-12-01-preview", "2025-01-01-preview", "2025-02-01-preview", "2025-03-01-preview", "2025-04-01-preview",
}

// v1Versions are what the v1 route takes as api-version. It needs none.
var v1Versions = []string{"", "v1", "preview", "latest"}

func published(version string) bool { return slices.Contains(publishedVersions, version) }
