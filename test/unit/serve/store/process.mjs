// What tests have another process do with a store: `publish` version after version, or `read` until it is told to end.
import { openReader, openStore } from '../../../../dist/serve/store/open-store.js'
import { publishVersion, readVersion } from './versioned.mjs'

const [what, place, options = '{}'] = process.argv.slice(2)
const at = JSON.parse(place)
const say = (word) => process.stdout.write(`${word}\n`)

if (what === 'publish') {
  const store = await openStore(at)
  say('ready')
  for (let count = 0; count < (JSON.parse(options).times ?? Infinity); count += 1) {
    say((await publishVersion(store, JSON.parse(options))).release.version)
  }
  await store.close()
}

if (what === 'read') {
  const reader = await openReader(at)
  let ended = false
  process.stdin.on('end', () => {
    ended = true
  })
  process.stdin.resume()
  const seen = new Set()
  say('ready')
  for (let index = 0; !ended; index += 1) {
    seen.add(await readVersion(reader, index))
    if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  say(JSON.stringify([...seen]))
  await reader.close()
}
