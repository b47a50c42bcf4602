// The page's own words, in the language of the person who is chosen.

const WORDS = {
  en: {
    skip: "Skip to the message field", local: "local chat", youAre: "You are", chats: "Chats",
    note: "Nothing here goes to Telegram: everything stays on this computer.",
    peopleAndChats: "People and chats", faults: "Faults", theme: "Light or dark", messages: "Messages",
    emptyTitle: "Drop a dog photo here", emptyText: "or paste one, or choose one from this device. breedbot answers with its breed.",
    choosePhoto: "Choose a photo", newest: "Newest message", commands: "Commands", inline: "Results", via: "via @{name}", cancelReply: "Do not reply", edit: "Edit", cancelEdit: "Do not edit",
    asFile: "Send as file, unchanged", message: "Message", caption: "Caption", attach: "Attach photos or files", send: "Send",
    dropHere: "Drop to send", ok: "OK", photo: "Photo", close: "Close", bot: "bot", typing: "{name} is typing…",
    uploading: "{name} is sending a photo…", members: "{count} people and breedbot",
    membersAlone: "{count} people; reply to a photo with @{name}", edited: "edited", reply: "Reply",
    you: "You", today: "Today", yesterday: "Yesterday", remove: "Remove {name}", sending: "Sending… {percent}", notSent: "Not sent: {why}",
    retry: "Try again", discard: "Discard", lost: "The local chat does not answer. Trying again…",
    gone: "the server does not answer", noCommands: "The bot has set no commands yet.", sticker: "Sticker", voice: "Voice message",
    video: "Video", animation: "GIF", document: "File", tooMany: "At most {count} files at once.", tooLarge: "{name} is larger than 50 MB.",
    myId: "Telegram id", moderator: "Moderator", moderatorListed: "Named in BREEDBOT_MODERATORS",
    moderatorHow: "To be a moderator: BREEDBOT_MODERATORS={id}",
    moderatorNow: "{name} is a moderator now: /review, /models and /retrain work.", moderatorNoMore: "{name} is no moderator any more.",
    unread: "new messages", photoFrom: "Photo from {name}",
    faultsText: "See what the bot does when Telegram or the network misbehaves.",
    faultKind: "What happens", faultMethod: "Which calls", faultTimes: "How often", faultSeconds: "Seconds (wait or delay)",
    switchOn: "Switch on", allCalls: "All", once: "The next call", threeTimes: "The next 3 calls", oneInTen: "1 call in 10",
    always: "Always", injected: "So far: {list}", none: "No fault is on.", remaining: "{count} left", downloadFile: "File downloads",
    too_many_requests: "429: too many requests", server_error: "502: server error", conflict: "409: a second bot polls",
    slow: "Slow answer", drop_before: "Connection cut before it is done", drop_after: "Connection cut after it is done",
    duplicate: "Updates come twice", unavailable: "getFile: temporarily unavailable", pathless: "getFile names no path",
    not_found: "404: not there", trickle: "Download byte by byte", odd: "An answer of a wrong shape", hasty: "getUpdates does not wait",
  },
  fr: {
    skip: "Aller au champ de message", local: "en local", youAre: "Vous êtes", chats: "Discussions",
    note: "Rien ne part vers Telegram : tout reste sur cet ordinateur.",
    peopleAndChats: "Personnes et discussions", faults: "Pannes", theme: "Clair ou sombre", messages: "Messages",
    emptyTitle: "Déposez ici une photo de chien", emptyText: "ou collez-la, ou choisissez-la sur cet appareil. breedbot répond avec sa race.",
    choosePhoto: "Choisir une photo", newest: "Dernier message", commands: "Commandes", inline: "Résultats", via: "via @{name}", cancelReply: "Ne pas répondre", edit: "Modifier", cancelEdit: "Ne pas modifier",
    asFile: "Envoyer comme fichier, sans changement", message: "Message", caption: "Légende", attach: "Joindre des photos ou des fichiers",
    send: "Envoyer", dropHere: "Déposez pour envoyer", ok: "OK", photo: "Photo", close: "Fermer", bot: "bot", typing: "{name} écrit…",
    uploading: "{name} envoie une photo…", members: "{count} personnes et breedbot",
    membersAlone: "{count} personnes ; répondez à une photo par @{name}", edited: "modifié", reply: "Répondre",
    you: "Vous", today: "Aujourd’hui", yesterday: "Hier", remove: "Retirer {name}", sending: "Envoi… {percent}",
    notSent: "Non envoyé : {why}", retry: "Réessayer", discard: "Abandonner", lost: "La discussion locale ne répond pas. Nouvel essai…",
    gone: "le serveur ne répond pas", noCommands: "Le bot n’a pas encore de commandes.", sticker: "Autocollant", voice: "Message vocal",
    video: "Vidéo", animation: "GIF", document: "Fichier", tooMany: "{count} fichiers au plus à la fois.", tooLarge: "{name} dépasse 50 Mo.",
    myId: "Id Telegram", moderator: "Modération", moderatorListed: "Dans BREEDBOT_MODERATORS",
    moderatorHow: "Pour modérer : BREEDBOT_MODERATORS={id}",
    moderatorNow: "{name} modère désormais : /review, /models et /retrain sont ouverts.", moderatorNoMore: "{name} ne modère plus.",
    unread: "nouveaux messages", photoFrom: "Photo de {name}",
    faultsText: "Voyez ce que fait le bot quand Telegram ou le réseau se conduisent mal.",
    faultKind: "Ce qui arrive", faultMethod: "Quels appels", faultTimes: "Combien de fois", faultSeconds: "Secondes (attente ou délai)",
    switchOn: "Activer", allCalls: "Tous", once: "Le prochain appel", threeTimes: "Les 3 prochains appels", oneInTen: "1 appel sur 10",
    always: "Toujours", injected: "Jusqu’ici : {list}", none: "Aucune panne active.", remaining: "encore {count}",
    downloadFile: "Téléchargements", too_many_requests: "429 : trop de requêtes", server_error: "502 : erreur du serveur",
    conflict: "409 : un second bot écoute", slow: "Réponse lente", drop_before: "Coupure avant l’effet", drop_after: "Coupure après l’effet",
    duplicate: "Mises à jour en double", unavailable: "getFile : momentanément indisponible", pathless: "getFile sans chemin",
    not_found: "404 : introuvable", trickle: "Téléchargement octet par octet", odd: "Une réponse mal formée", hasty: "getUpdates n’attend pas",
  },
};

let language = "en";

export function speak(code) {
  language = code in WORDS ? code : "en";
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", one.title = word(one.dataset.label));
  for (const one of document.querySelectorAll("[data-title]")) one.title = word(one.dataset.title);
  for (const one of document.querySelectorAll("[data-placeholder]")) one.placeholder = word(one.dataset.placeholder);
}

export function word(key, values = {}) {
  return (WORDS[language][key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const clock = (date) => new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(date * 1000);

export function day(date) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date * 1000).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days < 2) return word(days < 1 ? "today" : "yesterday");
  return new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" }).format(date * 1000);
}

export function fileSize(bytes) {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}
