//! The kinds of risk, one a lint: FW101 to FW119.

use crate::words::Text;

/// What kind of risk a service is. Every category has a lint, named after it with `-open` appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Administers a machine from afar.
    AdminService,
    /// Keeps data.
    DataStore,
    /// Commands containers or a cluster.
    ControlPlane,
    /// Sends passwords in the clear.
    CleartextService,
    /// Answers a small forged packet with a big one.
    Amplifier,
    /// Nobody should run it any more.
    LegacyService,
    /// Known from trojans and their controllers.
    MalwarePort,
    /// Drives machines, buildings or the grid.
    IndustrialService,
    /// Shares files or disks.
    FileSharing,
    /// Names, addresses and directories.
    NameService,
    /// Asks for no password out of the box.
    UnauthenticatedService,
    /// Queues messages.
    MessageBroker,
    /// Metrics, logs and their agents.
    MonitoringService,
    /// Runs code for whoever debugs.
    DebugService,
    /// A printer, a camera, a box in the living room.
    DeviceService,
    /// The outer end of a tunnel, or a proxy.
    VpnEndpoint,
    /// Mail.
    MailService,
    /// The web.
    WebService,
    /// Calls, chats and games.
    VoiceOrGame,
}

impl Category {
    /// Every one of them, in the order of their lints.
    pub const ALL: [Category; 19] = [
        Category::AdminService,
        Category::DataStore,
        Category::ControlPlane,
        Category::CleartextService,
        Category::Amplifier,
        Category::LegacyService,
        Category::MalwarePort,
        Category::IndustrialService,
        Category::FileSharing,
        Category::NameService,
        Category::UnauthenticatedService,
        Category::MessageBroker,
        Category::MonitoringService,
        Category::DebugService,
        Category::DeviceService,
        Category::VpnEndpoint,
        Category::MailService,
        Category::WebService,
        Category::VoiceOrGame,
    ];

    /// Its word in TOML and JSON, and the name of its file in `rules/`.
    pub const fn slug(self) -> &'static str {
        match self {
            Category::AdminService => "admin-service",
            Category::DataStore => "data-store",
            Category::ControlPlane => "control-plane",
            Category::CleartextService => "cleartext-service",
            Category::Amplifier => "amplifier",
            Category::LegacyService => "legacy-service",
            Category::MalwarePort => "malware-port",
            Category::IndustrialService => "industrial-service",
            Category::FileSharing => "file-sharing",
            Category::NameService => "name-service",
            Category::UnauthenticatedService => "unauthenticated-service",
            Category::MessageBroker => "message-broker",
            Category::MonitoringService => "monitoring-service",
            Category::DebugService => "debug-service",
            Category::DeviceService => "device-service",
            Category::VpnEndpoint => "vpn-endpoint",
            Category::MailService => "mail-service",
            Category::WebService => "web-service",
            Category::VoiceOrGame => "voice-or-game",
        }
    }

    /// The code of its lint.
    pub const fn code(self) -> &'static str {
        match self {
            Category::AdminService => "FW101",
            Category::DataStore => "FW102",
            Category::ControlPlane => "FW103",
            Category::CleartextService => "FW104",
            Category::Amplifier => "FW105",
            Category::LegacyService => "FW106",
            Category::MalwarePort => "FW107",
            Category::IndustrialService => "FW108",
            Category::FileSharing => "FW109",
            Category::NameService => "FW110",
            Category::UnauthenticatedService => "FW111",
            Category::MessageBroker => "FW112",
            Category::MonitoringService => "FW113",
            Category::DebugService => "FW114",
            Category::DeviceService => "FW115",
            Category::VpnEndpoint => "FW116",
            Category::MailService => "FW117",
            Category::WebService => "FW118",
            Category::VoiceOrGame => "FW119",
        }
    }

    /// What people call it.
    pub const fn name(self) -> Text {
        match self {
            Category::AdminService => Text { en: "remote administration", zh: "远程管理" },
            Category::DataStore => {
                Text { en: "database or data store", zh: "数据库与数据存储" }
            }
            Category::ControlPlane => {
                Text { en: "container or cluster control plane", zh: "容器与集群控制面" }
            }
            Category::CleartextService => Text { en: "cleartext login", zh: "明文登录" },
            Category::Amplifier => Text { en: "amplifier", zh: "反射放大器" },
            Category::LegacyService => Text { en: "legacy protocol", zh: "过时协议" },
            Category::MalwarePort => {
                Text { en: "port known from malware", zh: "恶意软件常用端口" }
            }
            Category::IndustrialService => Text { en: "industrial control", zh: "工业控制" },
            Category::FileSharing => Text { en: "file sharing", zh: "文件共享" },
            Category::NameService => {
                Text { en: "name or directory service", zh: "名称与目录服务" }
            }
            Category::UnauthenticatedService => {
                Text { en: "service without authentication", zh: "默认无认证的服务" }
            }
            Category::MessageBroker => Text { en: "message broker", zh: "消息队列" },
            Category::MonitoringService => Text { en: "monitoring", zh: "监控服务" },
            Category::DebugService => {
                Text { en: "development or debugging", zh: "开发与调试" }
            }
            Category::DeviceService => {
                Text { en: "printer or device", zh: "打印机与物联网设备" }
            }
            Category::VpnEndpoint => Text { en: "tunnel or proxy", zh: "隧道与代理" },
            Category::MailService => Text { en: "mail", zh: "邮件" },
            Category::WebService => Text { en: "web", zh: "Web 服务" },
            Category::VoiceOrGame => {
                Text { en: "voice, chat or game", zh: "语音、聊天与游戏" }
            }
        }
    }
}
