// Command build builds the programs of clusters and nothing else, so that what
// comes after it takes minutes:
//
//	go run ./cmd/build 1.29.1 1.37.2
package main

import (
	"context"
	"fmt"
	"os"

	"kubetrace/e2e/components"
	"kubetrace/e2e/scenario"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run(names []string) error {
	for _, name := range names {
		plan, err := scenario.Find(name)
		if err != nil {
			return err
		}
		if _, err := components.Build(context.Background(), plan.Release); err != nil {
			return err
		}
	}
	return nil
}
