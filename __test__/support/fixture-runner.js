// Runs one fixture: node fixture-runner.js FILE PACKAGE DATA prints the result of the function that FILE exports as JSON.
'use strict'

const [file, packageDir, data] = process.argv.slice(2)

require(file)(require(packageDir), JSON.parse(data)).then(
  (/** @type {unknown} */ result) => process.stdout.write(`\n${JSON.stringify(result ?? null)}`),
  (/** @type {unknown} */ error) => {
    console.error(error)
    process.exitCode = 1
  },
)
