use std::io;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};

use super::Tenant;

/// The newest interface whose restrictions we ask for; an older kernel enforces what it knows.
const WANTED: ABI = ABI::V6;

/// What a dynamically linked program needs to start.
const PROGRAM_FILES: [&str; 7] =
    ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/dev/null", "/proc/self"];

/// Gives up all files but the tenant's own, the network, and signals to others.
pub(super) fn give_up(tenant: Tenant<'_>) -> Result<(), String> {
    let refused = |error: landlock::RulesetError| format!("Landlock refused: {error}");
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(WANTED))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(WANTED)))
        .and_then(|rules| rules.scope(Scope::from_all(WANTED)))
        .and_then(Ruleset::create)
        .map_err(refused)?;
    if let Tenant::Program(program) = tenant {
        let read = AccessFs::from_read(WANTED);
        for path in PROGRAM_FILES.iter().map(Path::new).chain([program]) {
            // What is not on this machine need not be allowed.
            let Ok(file) = PathFd::new(path) else { continue };
            let allowed = if path.is_dir() { read } else { read & AccessFs::from_file(WANTED) };
            rules = rules.add_rule(PathBeneath::new(file, allowed)).map_err(refused)?;
        }
        // The recording: open as standard input, opened again by the program to seek in it.
        let allowed: BitFlags<AccessFs> = AccessFs::ReadFile.into();
        rules = rules.add_rule(PathBeneath::new(io::stdin(), allowed)).map_err(refused)?;
    }
    let status = rules.restrict_self().map_err(refused)?;
    match status.ruleset {
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(()),
        _ => Err("this kernel has no Landlock (Linux 5.13 and later, enabled at boot)".to_owned()),
    }
}
