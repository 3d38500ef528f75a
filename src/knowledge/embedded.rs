//! The text of `rules/`, one file a category.

use super::Category;

/// The classes and the named ranges.
pub(super) const CLASSES: &str = include_str!("../../rules/classes.toml");

/// The entries of a category.
pub(super) const fn text(category: Category) -> &'static str {
    match category {
        Category::AdminService => include_str!("../../rules/admin-service.toml"),
        Category::DataStore => include_str!("../../rules/data-store.toml"),
        Category::ControlPlane => include_str!("../../rules/control-plane.toml"),
        Category::CleartextService => include_str!("../../rules/cleartext-service.toml"),
        Category::Amplifier => include_str!("../../rules/amplifier.toml"),
        Category::LegacyService => include_str!("../../rules/legacy-service.toml"),
        Category::MalwarePort => include_str!("../../rules/malware-port.toml"),
        Category::IndustrialService => include_str!("../../rules/industrial-service.toml"),
        Category::FileSharing => include_str!("../../rules/file-sharing.toml"),
        Category::NameService => include_str!("../../rules/name-service.toml"),
        Category::UnauthenticatedService => {
            include_str!("../../rules/unauthenticated-service.toml")
        }
        Category::MessageBroker => include_str!("../../rules/message-broker.toml"),
        Category::MonitoringService => include_str!("../../rules/monitoring-service.toml"),
        Category::DebugService => include_str!("../../rules/debug-service.toml"),
        Category::DeviceService => include_str!("../../rules/device-service.toml"),
        Category::VpnEndpoint => include_str!("../../rules/vpn-endpoint.toml"),
        Category::MailService => include_str!("../../rules/mail-service.toml"),
        Category::WebService => include_str!("../../rules/web-service.toml"),
        Category::VoiceOrGame => include_str!("../../rules/voice-or-game.toml"),
    }
}

/// The text of one entry of a category, from its header to the next. An entry's first key is its id.
pub(super) fn block(category: Category, id: &str) -> Option<&'static str> {
    const HEADER: &str = "[[service]]\n";
    let text = text(category);
    let start = text.find(&format!("{HEADER}id = \"{id}\"\n"))?;
    let after = start + HEADER.len();
    let end = text[after..].find(HEADER).map_or(text.len(), |it| after + it);
    Some(&text[start..end])
}
