# Waits up to 45 s until IMDSv2 names the role and its credentials are good. Never prints a credential.
$ProgressPreference = 'SilentlyContinue'
$role = '{{ roleName }}'
$imds = 'http://169.254.169.254'
if ($env:AWS_EC2_METADATA_SERVICE_ENDPOINT) { $imds = $env:AWS_EC2_METADATA_SERVICE_ENDPOINT.TrimEnd('/') }
$list = "$imds/latest/meta-data/iam/security-credentials/"

function Request($method, $uri, $headers) {
  $answer = Invoke-WebRequest -UseBasicParsing -Method $method -Uri $uri -Headers $headers -TimeoutSec 2
  "$($answer.Content)".Trim()
}

$deadline = (Get-Date).AddSeconds(45)
do {
  $seen = ''
  $code = ''
  try {
    $token = Request 'Put' "$imds/latest/api/token" @{ 'X-aws-ec2-metadata-token-ttl-seconds' = '60' }
    $headers = @{ 'X-aws-ec2-metadata-token' = $token }
    $seen = Request 'Get' $list $headers
    if ($seen -ceq $role) { $code = (Request 'Get' "$list$role" $headers | ConvertFrom-Json).Code }
  } catch {
    # No answer, or none yet: the next look tells.
  }
  if ($code -ceq 'Success') {
    Write-Output $role
    exit 0
  }
  Start-Sleep -Seconds 1
} while ((Get-Date) -lt $deadline)
[Console]::Error.WriteLine("expected the role $role; the metadata service names '$seen' and answers '$code'")
exit 1
