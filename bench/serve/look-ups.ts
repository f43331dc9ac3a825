import { openReader } from '../../src/serve/store/open-store.ts'

// Traits of people by their user id, one after the other: `look-ups <folder> <people> <seconds>`.
const [path = '', people, seconds] = process.argv.slice(2)
const reader = await openReader({ type: 'embedded', path })
const until = performance.now() + Number(seconds) * 1000
let done = 0
for (; done % 1000 !== 0 || performance.now() < until; done += 1) {
  const value = `user-${(done * 7919) % Number(people)}`
  const { profile } = await reader.read({
    collection: 'users',
    by: { type: 'user_id', value },
    parts: ['traits'],
  })
  if (profile === undefined) throw new Error(`${value} is not there`)
}
await reader.close()
console.log(done / Number(seconds))
