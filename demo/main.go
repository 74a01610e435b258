// Command demo plays the main job against the embedded lab: no account and no
// network is needed. Everything that it shows is the product's own doing, over
// real TLS, through a proxy under the services' real names.
//
//	go run ./demo                 list the worlds and play a passing and a failing one
//	go run ./demo no-role         play one world
//	go run ./demo paste no-role   play it, run the fix that you paste, and play it again
//	go run ./demo fix no-role     play it, do what the finding says, and play it again
//	go run ./demo all             play every world, a line each
//	go run ./demo serve no-role   serve a world to other clients, see -h
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// next is what to try after the first look.
const next = `
────────────────────────────────────────────────────────────────────────────────
The last job is red: nobody gave its identity a role. Make it green:

  go run ./demo paste no-role   asks for the az command printed above, and runs the job again
  go run ./demo fix no-role     does the same without asking
  go run ./demo wrong-branch    is another red job; go run ./demo list has them all
`

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		listWorlds()
		for _, name := range []string{"healthy", "no-role"} {
			if err := playNamed(ctx, name); err != nil {
				return err
			}
		}
		fmt.Print(next)
		return nil
	}
	switch args[0] {
	case "list":
		listWorlds()
		return nil
	case "all":
		return playAll(ctx)
	case "serve":
		return serve(ctx, args[1:])
	case "fix", "paste":
		if len(args) != 2 {
			return fmt.Errorf("usage: go run ./demo %s WORLD", args[0])
		}
		if args[0] == "fix" {
			return fix(ctx, os.Stdout, args[1])
		}
		return paste(ctx, os.Stdout, os.Stdin, args[1])
	case "help", "-h", "--help":
		fmt.Println("usage: go run ./demo [list | all | WORLD… | paste WORLD | fix WORLD | serve [flags] WORLD]")
		return nil
	}
	for _, name := range args {
		if err := playNamed(ctx, name); err != nil {
			return err
		}
	}
	return nil
}
