// Command build builds the programs of clusters and nothing else, so that what
// comes after it takes minutes. It prints the names of the clusters; without any
// it is the newest:
//
//	go run ./cmd/build
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
	if len(names) == 0 {
		names = []string{scenario.Newest().Name}
	}
	for _, name := range names {
		plan, err := scenario.Find(name)
		if err != nil {
			return err
		}
		if _, err := components.Build(context.Background(), plan.Release); err != nil {
			return err
		}
		fmt.Println(name)
	}
	return nil
}
