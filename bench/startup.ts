import { median, personas, runNode } from './measure.ts'

// How long `--version` and `--help` take beside a bare Node, turn by turn so that a busy machine slows all alike.
const commands = {
  'node -e 0': ['-e', '0'],
  'personas --version': [personas, '--version'],
  'personas --help': [personas, '--help'],
} as const
const rounds = 15

const taken = new Map<string, number[]>()
for (let round = 0; round < rounds; round++) {
  for (const [name, args] of Object.entries(commands)) {
    const times = taken.get(name) ?? []
    times.push(runNode(args).seconds * 1000)
    taken.set(name, times)
  }
}
const bare = median(taken.get('node -e 0') ?? [])
for (const [name, times] of taken) {
  const own = median(times)
  console.log(
    `${name.padEnd(20)} median ${own.toFixed(0).padStart(4)} ms   fastest ${Math.min(...times).toFixed(0)} ms` +
      `   ${(own - bare).toFixed(0)} ms more than bare, ${(own / bare).toFixed(2)} times`,
  )
}
