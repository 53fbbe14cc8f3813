// Prints a line whenever Osaurus starts, changes or stops, until Ctrl-C.
'use strict'

const { watchInstances } = require('osaurus-discovery')

const watcher = watchInstances({ verify: true })

watcher.on('change', ({ instances, added, updated, removed }) => {
  for (const { url } of removed) console.log(`gone     ${url}`)
  for (const { url } of added) console.log(`running  ${url}`)
  for (const { url } of updated) console.log(`changed  ${url}`)
  if (instances.length === 0) console.log('No Osaurus is running. Waiting for one.')
})
watcher.on('warning', ({ message }) => console.warn(message))

process.once('SIGINT', () => watcher.close())
