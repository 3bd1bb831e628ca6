/** As SSM has it, and nothing that would be a wildcard in IAM. */
const NAME = /^[a-zA-Z0-9_.-]{3,128}$/;
const ARN = /^arn:[a-z-]+:ssm:[a-z0-9-]+:\d{12}:document\/[a-zA-Z0-9_.-]{3,128}$/;

/** AWS's own Command documents that grants are made of most; nobody else's name can begin with AWS-. */
const OF_AWS = [
  ...['RunShellScript', 'RunPowerShellScript', 'RunRemoteScript', 'RunAnsiblePlaybook', 'ApplyAnsiblePlaybooks'],
  ...['RunDocument', 'RunPatchBaseline', 'RunPatchBaselineAssociation', 'RunPatchBaselineWithHooks', 'RunSaltState'],
  ...['ApplyChefRecipes', 'ApplyDSCMofs', 'ConfigureAWSPackage', 'ConfigureCloudWatch', 'ConfigureDocker'],
  ...['ConfigureWindowsUpdate', 'DownloadContent', 'FindWindowsUpdates', 'GatherSoftwareInventory'],
  ...['InstallApplication', 'InstallMissingWindowsUpdates', 'InstallPowerShellModule', 'InstallWindowsUpdates'],
  ...['JoinDirectoryServiceDomain', 'ListWindowsInventory', 'RefreshAssociation', 'UpdateEC2Config', 'UpdateSSMAgent'],
].map((name) => `AWS-${name}`);

/** What is wrong with the documents of a grant: one line each. */
export const documentFaults = (documents: string[]): string[] =>
  documents.flatMap((document, at) => {
    const fault = documents.indexOf(document) < at ? `'${document}' is there twice` : faultOf(document);
    return fault ? [`documents[${at}]: ${fault}`] : [];
  });

function faultOf(document: string): string | undefined {
  if (!NAME.test(document) && !ARN.test(document))
    return `'${document}' is neither the name of a document (3 to 128 letters, digits and _ . -) nor the ARN of one (arn:PARTITION:ssm:REGION:ACCOUNT:document/NAME); name each, without wildcards`;
  const meant = OF_AWS.find((name) => name.toLowerCase() === document.toLowerCase());
  return meant && meant !== document ? `AWS has no '${document}'; did you mean '${meant}'?` : undefined;
}
