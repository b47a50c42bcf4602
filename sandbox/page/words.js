// The page's own words, in the language of the person who is chosen.

export const WORDS = {
  en: {
    skip: "Skip to the message field", local: "local chat", youAre: "You are", chats: "Chats",
    note: "Nothing here goes to Telegram: everything stays on this computer.",
    peopleAndChats: "People and chats", faults: "Faults", theme: "Light or dark", messages: "Messages",
    emptyTitle: "Drop a dog photo here", emptyText: "or paste one, or choose one from this device. breedbot answers with its breed.",
    choosePhoto: "Choose a photo", newest: "Newest message", commands: "Commands", inline: "Results", via: "via @{name}", cancelReply: "Do not reply", edit: "Edit", cancelEdit: "Do not edit",
    asFile: "Send as file, unchanged", message: "Message", caption: "Caption", attach: "Attach photos or files", send: "Send",
    dropHere: "Drop to send", ok: "OK", photo: "Photo", close: "Close", bot: "bot", typing: "{name} is typing…",
    uploading: "{name} is sending a photo…", members: "{count} people and breedbot",
    membersAlone: "{count} people; reply to a photo with @{name}", edited: "edited", reply: "Reply", react: "React",
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
    membersAlone: "{count} personnes ; répondez à une photo par @{name}", edited: "modifié", reply: "Répondre", react: "Réagir",
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
  de: {
    skip: "Zum Nachrichtenfeld springen", local: "lokaler Chat", youAre: "Du bist", chats: "Chats",
    note: "Nichts hiervon geht an Telegram: Alles bleibt auf diesem Rechner.",
    peopleAndChats: "Personen und Chats", faults: "Störungen", theme: "Hell oder dunkel", messages: "Nachrichten",
    emptyTitle: "Zieh ein Hundefoto hierher", emptyText: "oder füge eins ein, oder wähle eins von diesem Gerät. breedbot antwortet mit der Rasse.",
    choosePhoto: "Foto wählen", newest: "Neueste Nachricht", commands: "Befehle", inline: "Treffer", via: "über @{name}", cancelReply: "Nicht antworten", edit: "Bearbeiten", cancelEdit: "Nicht bearbeiten",
    asFile: "Unverändert als Datei senden", message: "Nachricht", caption: "Bildunterschrift", attach: "Fotos oder Dateien anhängen", send: "Senden",
    dropHere: "Loslassen zum Senden", ok: "OK", photo: "Foto", close: "Schließen", bot: "Bot", typing: "{name} schreibt …",
    uploading: "{name} sendet ein Foto …", members: "{count} Personen und breedbot",
    membersAlone: "{count} Personen; antworte mit @{name} auf ein Foto", edited: "bearbeitet", reply: "Antworten", react: "Reagieren",
    you: "Du", today: "Heute", yesterday: "Gestern", remove: "{name} entfernen", sending: "Wird gesendet … {percent}", notSent: "Nicht gesendet: {why}",
    retry: "Noch einmal", discard: "Verwerfen", lost: "Der lokale Chat antwortet nicht. Neuer Versuch …",
    gone: "der Server antwortet nicht", noCommands: "Der Bot hat noch keine Befehle.", sticker: "Sticker", voice: "Sprachnachricht",
    video: "Video", animation: "GIF", document: "Datei", tooMany: "Höchstens {count} Dateien auf einmal.", tooLarge: "{name} ist größer als 50 MB.",
    myId: "Telegram-ID", moderator: "Moderation", moderatorListed: "Steht in BREEDBOT_MODERATORS",
    moderatorHow: "Zum Moderieren: BREEDBOT_MODERATORS={id}",
    moderatorNow: "{name} moderiert jetzt: /review, /models und /retrain gehen.", moderatorNoMore: "{name} moderiert nicht mehr.",
    unread: "neue Nachrichten", photoFrom: "Foto von {name}",
    faultsText: "Sieh, was der Bot tut, wenn Telegram oder das Netz nicht mitspielen.",
    faultKind: "Was geschieht", faultMethod: "Welche Aufrufe", faultTimes: "Wie oft", faultSeconds: "Sekunden (Wartezeit oder Verzögerung)",
    switchOn: "Einschalten", allCalls: "Alle", once: "Der nächste Aufruf", threeTimes: "Die nächsten 3 Aufrufe", oneInTen: "1 von 10 Aufrufen",
    always: "Immer", injected: "Bisher: {list}", none: "Keine Störung ist an.", remaining: "noch {count}", downloadFile: "Datei-Downloads",
    too_many_requests: "429: zu viele Anfragen", server_error: "502: Serverfehler", conflict: "409: ein zweiter Bot fragt ab",
    slow: "Langsame Antwort", drop_before: "Verbindung bricht vor der Wirkung ab", drop_after: "Verbindung bricht nach der Wirkung ab",
    duplicate: "Updates kommen doppelt", unavailable: "getFile: vorübergehend nicht verfügbar", pathless: "getFile nennt keinen Pfad",
    not_found: "404: nicht da", trickle: "Download Byte für Byte", hasty: "getUpdates wartet nicht", odd: "Eine Antwort von falscher Form",
  },
  es: {
    skip: "Ir al campo de mensaje", local: "chat local", youAre: "Eres", chats: "Chats",
    note: "Nada de esto va a Telegram: todo se queda en este equipo.",
    peopleAndChats: "Personas y chats", faults: "Fallos", theme: "Claro u oscuro", messages: "Mensajes",
    emptyTitle: "Suelta aquí una foto de un perro", emptyText: "o pega una, o elígela en este dispositivo. breedbot responde con su raza.",
    choosePhoto: "Elegir una foto", newest: "Último mensaje", commands: "Comandos", inline: "Resultados", via: "vía @{name}", cancelReply: "No responder", edit: "Editar", cancelEdit: "No editar",
    asFile: "Enviar como archivo, sin cambios", message: "Mensaje", caption: "Pie de foto", attach: "Adjuntar fotos o archivos", send: "Enviar",
    dropHere: "Suelta para enviar", ok: "OK", photo: "Foto", close: "Cerrar", bot: "bot", typing: "{name} está escribiendo…",
    uploading: "{name} está enviando una foto…", members: "{count} personas y breedbot",
    membersAlone: "{count} personas; responde a una foto con @{name}", edited: "editado", reply: "Responder", react: "Reaccionar",
    you: "Tú", today: "Hoy", yesterday: "Ayer", remove: "Quitar {name}", sending: "Enviando… {percent}", notSent: "No enviado: {why}",
    retry: "Reintentar", discard: "Descartar", lost: "El chat local no responde. Lo intento otra vez…",
    gone: "el servidor no responde", noCommands: "El bot aún no tiene comandos.", sticker: "Sticker", voice: "Mensaje de voz",
    video: "Vídeo", animation: "GIF", document: "Archivo", tooMany: "Como mucho {count} archivos a la vez.", tooLarge: "{name} supera los 50 MB.",
    myId: "Id de Telegram", moderator: "Moderación", moderatorListed: "Está en BREEDBOT_MODERATORS",
    moderatorHow: "Para moderar: BREEDBOT_MODERATORS={id}",
    moderatorNow: "{name} modera ahora: /review, /models y /retrain funcionan.", moderatorNoMore: "{name} ya no modera.",
    unread: "mensajes nuevos", photoFrom: "Foto de {name}",
    faultsText: "Mira qué hace el bot cuando Telegram o la red se portan mal.",
    faultKind: "Qué ocurre", faultMethod: "Qué llamadas", faultTimes: "Cuántas veces", faultSeconds: "Segundos (espera o retraso)",
    switchOn: "Activar", allCalls: "Todas", once: "La próxima llamada", threeTimes: "Las próximas 3 llamadas", oneInTen: "1 de cada 10 llamadas",
    always: "Siempre", injected: "Hasta ahora: {list}", none: "Ningún fallo está activo.", remaining: "quedan {count}", downloadFile: "Descargas de archivos",
    too_many_requests: "429: demasiadas peticiones", server_error: "502: error del servidor", conflict: "409: un segundo bot consulta",
    slow: "Respuesta lenta", drop_before: "Conexión cortada antes del efecto", drop_after: "Conexión cortada después del efecto",
    duplicate: "Actualizaciones duplicadas", unavailable: "getFile: no disponible por ahora", pathless: "getFile no da ninguna ruta",
    not_found: "404: no existe", trickle: "Descarga byte a byte", hasty: "getUpdates no espera", odd: "Una respuesta mal formada",
  },
  pt: {
    skip: "Ir para o campo de mensagem", local: "chat local", youAre: "Você é", chats: "Conversas",
    note: "Nada disto vai para o Telegram: tudo fica neste computador.",
    peopleAndChats: "Pessoas e conversas", faults: "Falhas", theme: "Claro ou escuro", messages: "Mensagens",
    emptyTitle: "Solte aqui uma foto de um cachorro", emptyText: "ou cole uma, ou escolha uma neste dispositivo. breedbot responde com a raça.",
    choosePhoto: "Escolher uma foto", newest: "Última mensagem", commands: "Comandos", inline: "Resultados", via: "via @{name}", cancelReply: "Não responder", edit: "Editar", cancelEdit: "Não editar",
    asFile: "Enviar como arquivo, sem mudanças", message: "Mensagem", caption: "Legenda", attach: "Anexar fotos ou arquivos", send: "Enviar",
    dropHere: "Solte para enviar", ok: "OK", photo: "Foto", close: "Fechar", bot: "bot", typing: "{name} está digitando…",
    uploading: "{name} está enviando uma foto…", members: "{count} pessoas e breedbot",
    membersAlone: "{count} pessoas; responda a uma foto com @{name}", edited: "editada", reply: "Responder", react: "Reagir",
    you: "Você", today: "Hoje", yesterday: "Ontem", remove: "Remover {name}", sending: "Enviando… {percent}", notSent: "Não enviada: {why}",
    retry: "Tentar de novo", discard: "Descartar", lost: "O chat local não responde. Tentando de novo…",
    gone: "o servidor não responde", noCommands: "O bot ainda não tem comandos.", sticker: "Figurinha", voice: "Mensagem de voz",
    video: "Vídeo", animation: "GIF", document: "Arquivo", tooMany: "No máximo {count} arquivos de uma vez.", tooLarge: "{name} passa de 50 MB.",
    myId: "Id do Telegram", moderator: "Moderação", moderatorListed: "Está em BREEDBOT_MODERATORS",
    moderatorHow: "Para moderar: BREEDBOT_MODERATORS={id}",
    moderatorNow: "{name} agora modera: /review, /models e /retrain funcionam.", moderatorNoMore: "{name} não modera mais.",
    unread: "mensagens novas", photoFrom: "Foto de {name}",
    faultsText: "Veja o que o bot faz quando o Telegram ou a rede se comportam mal.",
    faultKind: "O que acontece", faultMethod: "Quais chamadas", faultTimes: "Quantas vezes", faultSeconds: "Segundos (espera ou atraso)",
    switchOn: "Ligar", allCalls: "Todas", once: "A próxima chamada", threeTimes: "As próximas 3 chamadas", oneInTen: "1 em cada 10 chamadas",
    always: "Sempre", injected: "Até agora: {list}", none: "Nenhuma falha está ligada.", remaining: "faltam {count}", downloadFile: "Downloads de arquivos",
    too_many_requests: "429: pedidos demais", server_error: "502: erro do servidor", conflict: "409: um segundo bot consulta",
    slow: "Resposta lenta", drop_before: "Conexão cortada antes do efeito", drop_after: "Conexão cortada depois do efeito",
    duplicate: "Atualizações em dobro", unavailable: "getFile: indisponível por enquanto", pathless: "getFile não dá nenhum caminho",
    not_found: "404: não existe", trickle: "Download byte a byte", hasty: "getUpdates não espera", odd: "Uma resposta malformada",
  },
};

let language = "en";

export function speak(code) {
  const wanted = code.slice(0, 2); // of "pt-br"
  language = wanted in WORDS ? wanted : "en";
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", one.title = word(one.dataset.label));
  for (const one of document.querySelectorAll("[data-title]")) one.title = word(one.dataset.title);
  for (const one of document.querySelectorAll("[data-placeholder]")) one.placeholder = word(one.dataset.placeholder);
}

export function word(key, values = {}) {
  return (WORDS[language][key] ?? WORDS.en[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
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
