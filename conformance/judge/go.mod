module kubetrace/conformance/judge

go 1.26.0
