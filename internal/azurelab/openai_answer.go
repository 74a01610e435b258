package azurelab

import (
	"net/http"
	"strings"
)

// infer lets the model speak.
func (w *World) infer(c *call, r *Resource, d *Deployment, rt route, version string) *reply {
	p, refused := d.validate(c, rt, version)
	if refused != nil {
		return refused
	}
	if d.Filters && rt.op != Embeddings {
		return filtered()
	}
	if f := d.Refusal; f != nil {
		return jsonReply(f.Status, errorCode(f.Code, f.Message))
	}
	return w.speak(c, d, rt, p).
		set("X-Ms-Region", r.regionName()).
		set("X-Request-Id", w.nextID()).
		set("X-Ratelimit-Limit-Requests", "250").
		set("X-Ratelimit-Limit-Tokens", "250000").
		set("X-Ratelimit-Remaining-Requests", "249").
		set("X-Ratelimit-Remaining-Tokens", "249990").
		set("X-Ms-Deployment-Name", d.Name)
}

func (w *World) speak(c *call, d *Deployment, rt route, p parameters) *reply {
	switch rt.op {
	case Chat:
		return w.chat(c, d, p)
	case Completions:
		return w.completion(c, d, p)
	case Responses:
		return w.response(c, d, p)
	case Embeddings:
		return embedding(d, p)
	case Images:
		c.paid = true
		return jsonReply(http.StatusOK, map[string]any{
			"created": c.now.Unix(),
			"data":    []any{map[string]any{"b64_json": "iVBORw0KGgo="}},
			"usage":   map[string]int{"input_tokens": p.promptTokens(), "output_tokens": 272, "total_tokens": p.promptTokens() + 272},
		})
	case Speech:
		c.paid = true
		return textReply(http.StatusOK, "audio/mpeg", "ID3")
	default:
		c.paid = true
		return jsonReply(http.StatusOK, map[string]string{"text": "Hello."})
	}
}

// An utterance is what a text model says within the caller's limit.
type utterance struct {
	text              string
	length            bool // it ran into the limit
	filtered          bool // the content filter held it back
	thinking, written int  // tokens
}

// say counts a token for each word. A reasoning model thinks first, and its
// thoughts count.
func (d *Deployment) say(limit int) utterance {
	words := []string{"Hello!", " How", " can", " I", " help?"}
	u := utterance{thinking: d.ThinkingTokens}
	if limit > 0 && u.thinking >= limit {
		return utterance{length: true, thinking: limit}
	}
	if left := limit - u.thinking; limit > 0 && left < len(words) {
		words, u.length = words[:left], true
	}
	u.text, u.written = strings.Join(words, ""), len(words)
	if d.FiltersAnswers {
		u.text, u.length, u.filtered = "", false, true
	}
	return u
}

// outOfTokens is how some reasoning models answer when their thoughts do not
// fit. Reports: decolua/9router issue 972, openai-python issue 2886.
func outOfTokens() *reply {
	return invalid("", "", "Could not finish the message because max_tokens or model output limit was reached. Please try again with higher max_tokens.")
}

// safe is the content filter's opinion of a harmless text.
var safe = map[string]any{
	"hate":      map[string]any{"filtered": false, "severity": "safe"},
	"self_harm": map[string]any{"filtered": false, "severity": "safe"},
	"sexual":    map[string]any{"filtered": false, "severity": "safe"},
	"violence":  map[string]any{"filtered": false, "severity": "safe"},
}

func finishReason(u utterance) string {
	switch {
	case u.filtered:
		return "content_filter"
	case u.length:
		return "length"
	}
	return "stop"
}

func (w *World) chat(c *call, d *Deployment, p parameters) *reply {
	u := d.say(p.limit())
	if u.length && u.text == "" && d.FailsWhenShort {
		return outOfTokens()
	}
	prompt, written := p.promptTokens(), u.thinking+u.written
	return jsonReply(http.StatusOK, map[string]any{
		"id":                    "chatcmpl-" + strings.ReplaceAll(w.nextID(), "-", "")[:29],
		"object":                "chat.completion",
		"created":               c.now.Unix(),
		"model":                 d.modelName(),
		"system_fingerprint":    "fp_" + strings.ReplaceAll(guid(d.modelName()), "-", "")[:10],
		"prompt_filter_results": []any{map[string]any{"prompt_index": 0, "content_filter_results": safe}},
		"choices": []any{map[string]any{
			"index":                  0,
			"finish_reason":          finishReason(u),
			"logprobs":               nil,
			"content_filter_results": safe,
			"message":                map[string]any{"role": "assistant", "content": u.text, "refusal": nil, "annotations": []any{}},
		}},
		"usage": map[string]any{
			"prompt_tokens":             prompt,
			"completion_tokens":         written,
			"total_tokens":              prompt + written,
			"prompt_tokens_details":     map[string]int{"audio_tokens": 0, "cached_tokens": 0},
			"completion_tokens_details": map[string]int{"reasoning_tokens": u.thinking, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
		},
	})
}

func (w *World) completion(c *call, d *Deployment, p parameters) *reply {
	limit := p.limit()
	if limit == 0 {
		limit = 16 // the default of this oldest API
	}
	u := d.say(limit)
	prompt := p.promptTokens()
	return jsonReply(http.StatusOK, map[string]any{
		"id":      "cmpl-" + strings.ReplaceAll(w.nextID(), "-", "")[:29],
		"object":  "text_completion",
		"created": c.now.Unix(),
		"model":   d.modelName(),
		"choices": []any{map[string]any{"text": u.text, "index": 0, "logprobs": nil, "finish_reason": finishReason(u), "content_filter_results": safe}},
		"usage":   map[string]int{"prompt_tokens": prompt, "completion_tokens": u.written, "total_tokens": prompt + u.written},
	})
}

func (w *World) response(c *call, d *Deployment, p parameters) *reply {
	u := d.say(p.limit())
	id := strings.ReplaceAll(w.nextID(), "-", "")
	prompt, written := p.promptTokens(), u.thinking+u.written
	output := []any{}
	if d.Reasoning {
		output = append(output, map[string]any{"id": "rs_" + id, "type": "reasoning", "summary": []any{}})
	}
	status, incomplete := "completed", any(nil)
	switch {
	case u.filtered:
		status, incomplete = "incomplete", map[string]string{"reason": "content_filter"}
	case u.length:
		status, incomplete = "incomplete", map[string]string{"reason": "max_output_tokens"}
	}
	if u.text != "" {
		output = append(output, map[string]any{
			"id": "msg_" + id, "type": "message", "status": status, "role": "assistant",
			"content": []any{map[string]any{"type": "output_text", "text": u.text, "annotations": []any{}}},
		})
	}
	return jsonReply(http.StatusOK, map[string]any{
		"id":                 "resp_" + id,
		"object":             "response",
		"created_at":         c.now.Unix(),
		"status":             status,
		"error":              nil,
		"incomplete_details": incomplete,
		"model":              d.Name, // the responses API repeats the deployment
		"output":             output,
		"max_output_tokens":  p["max_output_tokens"],
		"store":              p["store"] != false,
		"usage": map[string]any{
			"input_tokens":          prompt,
			"output_tokens":         written,
			"total_tokens":          prompt + written,
			"output_tokens_details": map[string]int{"reasoning_tokens": u.thinking},
		},
	})
}

func embedding(d *Deployment, p parameters) *reply {
	prompt := p.promptTokens()
	return jsonReply(http.StatusOK, map[string]any{
		"object": "list",
		"data":   []any{map[string]any{"object": "embedding", "index": 0, "embedding": []float64{-0.0069, 0.0023, -0.0151, 0.0084}}},
		"model":  d.Model,
		"usage":  map[string]int{"prompt_tokens": prompt, "total_tokens": prompt},
	})
}

// models lists what the resource can serve.
func (w *World) models(r *Resource) *reply {
	var data []any
	for i := range r.Deployments {
		data = append(data, map[string]any{"id": r.Deployments[i].modelName(), "object": "model", "status": "succeeded", "lifecycle_status": "generally-available"})
	}
	return jsonReply(http.StatusOK, map[string]any{"object": "list", "data": data})
}
