// Prints `N passed, N failed` from vitest's JSON report. A run without a report, or without tests, has failed.
import { readFileSync } from 'node:fs'

const text = readFileSync(process.argv[2], 'utf8')
if (text === '') {
  console.log('0 passed, 1 failed')
  process.exit(1)
}
const report = JSON.parse(text)
const passed = report.numPassedTests
// A file that could not be loaded has no tests to count, but it failed.
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
).length
const skipped = report.numPendingTests + report.numTodoTests
const failed = report.numFailedTests + broken + skipped
if (skipped > 0) console.log(`${skipped} skipped, which counts as failed`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
