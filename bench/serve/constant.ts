import fastify from 'fastify'

// The framework with an answer that it need not look for: `constant <port> <headers as JSON> <body>`.
const [port, headers = '{}', body = ''] = process.argv.slice(2)
const app = fastify()
const constant: Record<string, string> = JSON.parse(headers)
// As the API says it.
app.get('/metrics', (_, reply) => {
  const { user, system } = process.cpuUsage()
  void reply.send(`process_cpu_seconds_total ${(user + system) / 1e6}\n`)
})
app.get('/*', (_, reply) => {
  void reply.headers(constant).send(body)
})
await app.listen({ host: '127.0.0.1', port: Number(port) })
console.error('ready')
