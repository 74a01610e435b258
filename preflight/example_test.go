package preflight_test

import (
	"context"
	"fmt"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// A Go program can make the check itself. Here the world is the lab's; the
// real one is [preflight.Host].
func ExampleRun() {
	lab := azurelab.Healthy()
	world := preflight.World{
		LookupEnv: func(string) (string, bool) { return "", false },
		Transport: lab.Transport(),
		Resolver:  lab,
	}
	report := preflight.Run(context.Background(), world, map[string]string{
		"endpoint":   "http://octo-aoai.openai.azure.com",
		"deployment": "chat",
	}, func(preflight.Step) {})
	for _, f := range report.Findings {
		fmt.Println(f.Severity, f.ID+":", f.Remedy.Text)
	}
	// Output:
	// error cfg-endpoint-malformed: Set the endpoint to https://octo-aoai.openai.azure.com, scheme and host and nothing else.
}
