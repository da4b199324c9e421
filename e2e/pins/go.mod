module kubetrace/e2e/pins

go 1.26.0
