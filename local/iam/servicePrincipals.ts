/**
 * The services that a trust policy may name. AWS knows some hundreds, and publishes no list: those that roles are made
 * for most often, so that a misspelt one is refused here, too.
 */
export const SERVICE_PRINCIPALS = (
  'apigateway application-autoscaling appsync autoscaling backup batch bedrock cloudformation cloudtrail codebuild codedeploy ' +
  'codepipeline config dlm dms ec2 ecs ecs-tasks edgelambda eks elasticbeanstalk elasticmapreduce events firehose glue iot ' +
  'lambda logs monitoring.rds pipes rds redshift s3 sagemaker scheduler sns spotfleet ssm states transfer vpc-flow-logs'
)
  .split(' ')
  .map((name) => `${name}.amazonaws.com`);
