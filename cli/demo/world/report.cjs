// Runs on the instance: sums up the orders in the bucket and writes a report back.
// node report.cjs [--sleep SECONDS] [--exit CODE]
const { setTimeout: sleep } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const { GetObjectCommand, PutObjectCommand, S3Client } = require('@aws-sdk/client-s3');

// Standard error is for what goes wrong here, not for the Node version that later SDKs will need.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const Bucket = 'my-script-bucket';
const { values: options } = parseArgs({ options: { sleep: { type: 'string' }, exit: { type: 'string' } } });
const s3 = new S3Client();

async function readOrders() {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'scripts/orders.csv' }));
  const [, ...rows] = (await Body.transformToString()).trim().split('\n');
  return rows.map((row) => row.split(','));
}

async function write(Key, content) {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(content) }));
  console.log(`Wrote s3://${Bucket}/${Key}`);
}

function totals(orders) {
  const report = {};
  for (const [, country, amount] of orders) report[country] = (report[country] ?? 0) + Number(amount);
  return report;
}

async function main() {
  const orders = await readOrders();
  console.log(`Read ${orders.length} orders from s3://${Bucket}/scripts/orders.csv`);
  if (options.sleep) {
    await write('output/at-work.json', { orders: orders.length });
    await sleep(Number(options.sleep) * 1000);
  }
  if (options.exit) {
    console.error(`The report cannot be made: exit code ${options.exit} was asked for`);
    process.exitCode = Number(options.exit);
    return;
  }
  const report = totals(orders);
  for (const [country, total] of Object.entries(report)) console.log(`${country} ${total.toFixed(2).padStart(8)}`);
  await write('output/report.json', report);
}

main();
