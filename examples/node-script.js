// Lists the models of the local Osaurus.
'use strict'

const { discoverLatestRunningInstance, endpointsOf } = require('osaurus-discovery')

async function main() {
  const { openai } = endpointsOf(await discoverLatestRunningInstance({ verify: true }))
  const response = await fetch(`${openai}/models`)
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  const { data } = /** @type {{ data: { id: string }[] }} */ (await response.json())
  for (const { id } of data) console.log(id)
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
