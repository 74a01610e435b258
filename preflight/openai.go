package preflight

import (
	"bytes"
	"cmp"
	"encoding/json"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
)

// An Operation is what the suite does with a deployment.
type Operation string

// The operations.
const (
	Chat        Operation = "chat"
	Responses   Operation = "responses"
	Embeddings  Operation = "embeddings"
	Completions Operation = "completions"
	Images      Operation = "images"
	Audio       Operation = "audio"
)

var operations = []Operation{Chat, Responses, Embeddings, Completions, Images, Audio}

// A Route is the family of URLs that a call uses.
type Route string

// The routes.
const (
	RouteV1          Route = "v1"          // {endpoint}/openai/v1/…, the deployment in the body
	RouteDeployments Route = "deployments" // {endpoint}/openai/deployments/{deployment}/…?api-version=
)

// fewTokens is the fewest that every model accepts: the Responses API refuses
// less than 16.
const fewTokens = 16

// A form is one way to put the minimal request of an operation.
type form struct {
	path        string // behind the route's prefix
	contentType string
	body        []byte
	// invalid is the parameter that is wrong on purpose: the complaint about it
	// proves access and costs nothing. "" where the request is meant to work.
	invalid string
	// limit is the parameter that bounds the answer, "" when none is sent.
	limit string
}

// forms are the ways to put the minimal request for a target, the first first.
// A later one is used only when the service refuses a parameter, or the
// operation, of the one before.
func (t *Target) forms() []form {
	switch t.Operation {
	case Responses:
		bounded := jsonForm("responses", map[string]any{"model": t.Deployment, "input": "ping", "max_output_tokens": fewTokens, "store": false})
		bounded.limit = "max_output_tokens"
		return []form{bounded, jsonForm("responses", map[string]any{"model": t.Deployment, "input": "ping"})}
	case Embeddings:
		return []form{jsonForm("embeddings", t.model(map[string]any{"input": "ping"}))}
	case Completions:
		bounded := jsonForm("completions", t.model(map[string]any{"prompt": "ping", "max_tokens": 1}))
		bounded.limit = "max_tokens"
		return []form{bounded}
	case Images:
		f := jsonForm("images/generations", t.model(map[string]any{"prompt": "ping", "n": 0}))
		f.invalid = "n"
		return []form{f}
	case Audio:
		speech := jsonForm("audio/speech", t.model(map[string]any{"model": t.Deployment, "input": "", "voice": "alloy"}))
		speech.invalid = "input"
		transcription := t.emptyTranscription()
		switch {
		case strings.Contains(t.Address, "/"+transcription.path):
			return []form{transcription}
		case t.Address != "":
			return []form{speech}
		case transcriber().MatchString(t.Deployment):
			return []form{transcription, speech}
		}
		return []form{speech, transcription}
	}
	chat := func(limit string) form {
		f := jsonForm("chat/completions", t.model(map[string]any{
			"messages": []map[string]string{{"role": "user", "content": "ping"}}, limit: fewTokens}))
		f.limit = limit
		return f
	}
	forms := []form{chat("max_completion_tokens"), chat("max_tokens")}
	if !t.knowsCompletionTokens() {
		slices.Reverse(forms)
	}
	return forms
}

// knowsCompletionTokens reports whether the route takes max_completion_tokens:
// v1 does, and the dated versions since the o1 models came.
func (t *Target) knowsCompletionTokens() bool {
	return t.Route == RouteV1 || t.APIVersion >= "2024-09-01"
}

// dated reports whether the call was made on the deployments route. A pasted
// text has no target.
func (t *Target) dated() bool { return t != nil && t.Route == RouteDeployments }

// model puts the deployment into the body where the route's path has no place
// for it.
func (t *Target) model(body map[string]any) map[string]any {
	if t.Route == RouteV1 {
		body["model"] = t.Deployment
	}
	return body
}

// transcriber matches the names that deployments of speech-to-text models
// usually have: a guess at which form to put first, nothing more.
var transcriber = lazy(`(?i)whisper|transcri|stt`)

// emptyTranscription asks for the transcription of an empty file.
func (t *Target) emptyTranscription() form {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	m.WriteField("model", t.Deployment)
	m.CreateFormFile("file", "ping.wav")
	m.Close()
	return form{path: "audio/transcriptions", contentType: m.FormDataContentType(), body: b.Bytes(), invalid: "file"}
}

func jsonForm(path string, body map[string]any) form {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return form{path: path, contentType: "application/json", body: data}
}

// url is where a form of the target's request goes.
func (t *Target) url(f form) string {
	if t.Address != "" {
		return t.Address
	}
	u := strings.TrimRight(t.Endpoint, "/") + "/openai/"
	switch {
	case t.Route == RouteV1:
		u += "v1/" + f.path
	case t.Operation == Responses:
		// The dated Responses API has the deployment in the body.
		u += f.path
	default:
		u += "deployments/" + url.PathEscape(t.Deployment) + "/" + f.path
	}
	if t.APIVersion != "" {
		u += "?api-version=" + url.QueryEscape(t.APIVersion)
	}
	return u
}

// String names the target in a list.
func (t *Target) String() string { return cmp.Or(t.Name, t.Deployment) + ":" + string(t.Operation) }

// codeCut marks an answer that came whole but was cut at the few tokens that
// were asked for.
const codeCut = "preflight_output_limit"

// codeFiltered marks an answer whose text the content filter held back. It is
// the service's own code for a prompt that it refuses.
const codeFiltered = "content_filter"

// genuine reads a successful answer. Only what the service alone could say is
// a pass: a proxy's page with status 200 is not. It returns the model that
// answered, and the code of what a whole answer is worth a notice for: that it
// was cut at the few tokens asked for, or that its text was filtered.
func (t *Target) genuine(contentType string, body []byte) (model, note string, ok bool) {
	var a struct {
		Object     string            `json:"object"`
		Model      string            `json:"model"`
		Choices    []json.RawMessage `json:"choices"`
		Data       []json.RawMessage `json:"data"`
		Status     string            `json:"status"`
		Incomplete struct {
			Reason string `json:"reason"`
		} `json:"incomplete_details"`
		Output *json.RawMessage `json:"output"`
		Text   *string          `json:"text"`
	}
	if t.Operation == Audio && strings.HasPrefix(contentType, "audio/") {
		return "", "", isSound(body)
	}
	if json.Unmarshal(body, &a) != nil {
		return "", "", false
	}
	switch t.Operation {
	case Audio:
		ok = a.Text != nil
	case Embeddings:
		ok = len(a.Data) > 0 && isEmbedding(a.Data[0])
	case Images:
		ok = slices.ContainsFunc(a.Data, isImage)
	case Responses:
		ok = a.Object == "response" && a.Output != nil
		switch {
		case a.Incomplete.Reason == codeFiltered:
			note = codeFiltered
		case a.Status == "incomplete":
			note = codeCut
		}
	default:
		var first choice
		if len(a.Choices) == 0 || json.Unmarshal(a.Choices[0], &first) != nil {
			break
		}
		// A gateway may leave out the model, but then it says what this is.
		ok = (first.Message != nil || first.Text != nil) && (a.Model != "" || a.Object == "chat.completion" || a.Object == "text_completion")
		if t.Operation == Chat {
			note = first.note()
		}
	}
	return a.Model, note, ok
}

// A choice is one of the texts that a model wrote.
type choice struct {
	FinishReason string  `json:"finish_reason"`
	Text         *string `json:"text"` // of a completion
	Message      *struct {
		Content json.RawMessage `json:"content"` // text, a list of parts, or null
	} `json:"message"`
}

// note is the code of why there is no text, "" where there is some.
func (c *choice) note() string {
	if c.Message == nil || !slices.Contains([]string{"", "null", `""`, "[]"}, string(c.Message.Content)) {
		return ""
	}
	switch c.FinishReason {
	case "length":
		return codeCut
	case codeFiltered:
		return codeFiltered
	}
	return ""
}

// isEmbedding reports whether an entry of an answer's list is a vector: of
// numbers, or of their bytes in base64.
func isEmbedding(entry json.RawMessage) bool {
	var v struct {
		Embedding json.RawMessage `json:"embedding"`
	}
	var numbers []float64
	var coded string
	if json.Unmarshal(entry, &v) != nil || len(v.Embedding) == 0 {
		return false
	}
	return json.Unmarshal(v.Embedding, &numbers) == nil && len(numbers) > 0 || json.Unmarshal(v.Embedding, &coded) == nil && coded != ""
}

// isImage reports whether an entry of an answer's list is a picture. We ask for
// none, so that a list without any proves nothing.
func isImage(entry json.RawMessage) bool {
	var image struct {
		B64 string `json:"b64_json"`
		URL string `json:"url"`
	}
	return json.Unmarshal(entry, &image) == nil && (image.B64 != "" || image.URL != "")
}

// isSound reports whether a body is a sound file in one of the formats that the
// service can be asked for, raw samples aside: by how it begins, and longer
// than any of their headers.
func isSound(body []byte) bool {
	const shortest = 128
	if len(body) < shortest {
		return false
	}
	for _, magic := range []string{"ID3", "RIFF", "OggS", "fLaC"} {
		if bytes.HasPrefix(body, []byte(magic)) {
			return true
		}
	}
	return body[0] == 0xff && body[1]&0xe0 == 0xe0 // a frame of MP3 or AAC
}

// sameModel compares a model with what was expected: the expectation may leave
// the version out, a date or four digits, and Azure's older name for gpt-3.5
// has no dot.
func sameModel(want, got string) bool {
	norm := func(s string) string { return strings.Replace(strings.ToLower(s), "gpt-35", "gpt-3.5", 1) }
	rest, ok := strings.CutPrefix(norm(got), norm(want))
	return ok && (rest == "" || modelVersion().MatchString(rest))
}

var modelVersion = lazy(`^-(20\d\d-\d\d-\d\d|\d{4})$`)
