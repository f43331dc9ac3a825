import { fastify } from 'fastify'
import { collectDefaultMetrics, Registry } from 'prom-client'

// Answers every request with the same text: what the server of the Profile API costs without a profile.
const [body = ''] = process.argv.slice(2)
const registry = new Registry()
collectDefaultMetrics({ register: registry })
const app = fastify()
app.get('/constant', (_request, reply) => reply.header('content-type', 'application/json').send(body))
app.get('/metrics', () => registry.metrics())
console.error(await app.listen({ host: '127.0.0.1', port: 0 }))
