// Shows what osaurus-discovery finds on this machine, or in a fake Osaurus if none is running.
'use strict'

const { discoverLatestRunningInstance } = require('osaurus-discovery')
const { startFakeOsaurus } = require('osaurus-discovery/testing')

/** Explains each field to a first-time reader. */
const MEANING = {
  url: 'where to send requests from this machine',
  address: 'the address it published',
  port: 'its port',
  instanceId: 'unique for this launch of Osaurus',
  updatedAt: 'when it last published something',
  exposeToNetwork: 'whether it also serves the network (then it requires a key of every client)',
}

async function main() {
  console.log('Looking for a running Osaurus in ~/.osaurus/runtime and verifying that it responds …\n')
  try {
    return show(await discoverLatestRunningInstance({ verify: true }))
  } catch (error) {
    console.log(`${error instanceof Error ? error.message : error}.\n`)
  }

  console.log(
    'So here is a fake Osaurus instead, started just now in a temporary directory: it publishes the same file',
  )
  console.log('and answers the same requests as the real one. Nothing in your home directory is touched.\n')
  const fake = await startFakeOsaurus()
  try {
    show(await discoverLatestRunningInstance({ baseDir: fake.baseDir, verify: true }))
  } finally {
    await fake.stop()
  }
  console.log('\nThe fake one is stopped again and its directory removed.')
}

/** @param {import('osaurus-discovery').OsaurusInstance} instance */
function show(instance) {
  console.log(`Found Osaurus at ${instance.url}\n`)
  for (const [field, meaning] of Object.entries(MEANING)) {
    const value = instance[/** @type {keyof typeof MEANING} */ (field)]
    const shown = field === 'updatedAt' ? new Date(Number(value)).toISOString() : String(value)
    console.log(`  ${field.padEnd(15)}  ${shown.padEnd(36)}  ${meaning}`)
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
